"""torchtune's YAML: LoRA arguments of the model builder under `model`."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.tool import Program, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

TOOL = Tool(
    name="torchtune",
    title="torchtune (model block)",
    source="torchtune 0.7, torchtune/models/llama3_1/_model_builders.py; unknown keys: "
    "torchtune/config/_validate.py",
    keys=(
        Key("_component_", type="str", help="The builder, such as ...lora_llama3_1_8b."),
        Key(
            "lora_attn_modules",
            type="list[str]",
            help="Any of q_proj, k_proj, v_proj, output_proj.",
            like="target_modules",
            substring=True,
        ),
        Key("apply_lora_to_mlp", type="bool", help="LoRA on the MLP too."),
        Key("apply_lora_to_output", type="bool", help="LoRA on the output head too."),
        Key("lora_rank", "r", 8),
        Key("lora_alpha", "lora_alpha", 16),
        Key("lora_dropout", "lora_dropout", 0.0),
        Key("use_dora", "use_dora"),
        Key("quantize_base", type="bool", help="Keep the base weights in NF4."),
    ),
    block=("model",),
    prefix="lora_",
    near=frozenset({"lora_modules"}),
    searched=True,
    parser="omegaconf",
    signatures=("model._component_=torchtune.*",),
    programs=(Program("tune", ("run",)),),
    told_by_options="signature",
    traps=("torchtune-modules",),
    own_lora="torchtune has LoRA layers of its own; only the values were checked",
    summary=Summary(
        files="YAML, .sh",
        known_by="`model._component_`",
        does="own layers and names: only types and ranges are judged",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each document whose model builder is a LoRA one."""
    return [
        _build_setting(document, path, top, model)
        for path, top in iterate_top_mappings(document)
        if _is_lora(model := get_block(top, "model"))
    ]


def _build_setting(document: Document, path: Path, top: Table, model: Table) -> Setting:
    setting = make_setting(TOOL, document, (*path, "model"), model)
    checkpoint = get_block(top, "checkpointer")
    add_model(setting, (*path, "checkpointer"), checkpoint, "checkpoint_dir")
    return setting


def _is_lora(model: Table) -> bool:
    return "lora_" in str(model.get("_component_")) or any("lora" in str(key) for key in model)
