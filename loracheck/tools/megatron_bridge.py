"""Megatron-Bridge's YAML overrides, a `peft` block with Megatron's fused names, and its classes in
Python.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.tool import Program, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.python.document import Call
    from loracheck.documents.values import Table

    from .core.setting import Setting

TOOL = Tool(
    name="megatron-bridge",
    title="Megatron-Bridge (peft block)",
    source="Megatron-Bridge main of August 2026 (commit 067f987), src/megatron/bridge/peft/lora.py "
    "(LoRA, VLMLoRA), dora.py (DoRA), canonical_lora.py (CanonicalLoRA)",
    keys=(
        Key("_target_", type="str", help="megatron.bridge.peft.lora.LoRA or a relative."),
        Key("dim", "r", 32),
        Key("alpha", "lora_alpha", 32),
        Key("dropout", "lora_dropout", 0.0),
        Key("dropout_position", type="str", help="pre or post."),
        Key("target_modules", type="list[str]", help="linear_qkv, linear_proj, linear_fc1, ..."),
        Key("exclude_modules", type="list[str]", help="Names to leave out, with wildcards."),
        Key("lora_A_init_method", type="str", help="xavier (the default) or another start of A."),
        Key("lora_B_init_method", type="str", help="zero (the default) or another start of B."),
        Key("lora_dtype", type="str", help="Number type of the adapter; by default the model's."),
        Key("a2a_experimental", type="bool", help="The experimental all-to-all communication."),
        Key("normalize_moe_lora", type="bool", help="Divide the rank of experts by those active."),
        Key("share_expert_adapters", type="bool", help="One adapter for all experts (default)."),
        Key("experts_shared_outer_loras", type="bool", help="Experts share the outer half alone."),
        Key("sequence_parallel_input_regather", type="bool", help="Gather the input once more."),
        Key("freeze_vision_model", type="bool", help="VLMLoRA: do not train the tower in full."),
        Key("freeze_vision_projection", type="bool", help="VLMLoRA: nor the projector."),
        Key("freeze_language_model", type="bool", help="VLMLoRA: nor the language model."),
    ),
    block=("peft",),
    parser="omegaconf",
    signatures=(
        "peft._target_=*megatron*",
        # The form of its tutorial: overrides of a recipe, which has the class.
        "peft.dim !peft._target_ "
        "train.train_iters|model.tensor_model_parallel_size|checkpoint.pretrained_checkpoint",
        # Overrides of the block alone: no other tool says dim and alpha there without a class.
        "peft.dim peft.alpha !peft._target_ !peft.target_modules",
        "peft.dim !peft._target_ peft.target_modules.[]=linear_*|peft.target_modules.[]=*.linear_*",
    ),
    programs=(Program(module="run_recipe"),),
    traps=("megatron-names",),
    calls=(
        r"megatron\.bridge\.peft\.(?:lora|dora|canonical_lora)"
        r"\.(?:LoRA|VLMLoRA|DoRA|CanonicalLoRA)",
    ),
    own_lora="Megatron wraps modules of its own; only the values were checked",
    summary=Summary(
        files="YAML, .sh, .py",
        known_by="`peft._target_`, `run_recipe`, `megatron.bridge.peft`",
        does="own layers and names: only types and ranges are judged",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each document with a LoRA `peft` block."""
    return [
        _build_setting(document, path, top, peft)
        for path, top in iterate_top_mappings(document)
        if (peft := get_block(top, "peft"))
    ]


def read_call(document: Document, number: int, call: Call) -> Setting | None:
    """The Setting of a call of a LoRA class; None where arguments are given by position."""
    arguments = document.roots[number]
    if any(type(key) is int for key in arguments):
        return None
    setting = make_setting(TOOL, document, (number,), arguments)
    setting.complete = call.complete
    if call.name.endswith(".DoRA") and "lora_alpha" not in setting.places:
        setting.fields["lora_alpha"] = 64
    return setting


def _build_setting(document: Document, path: Path, top: Table, peft: Table) -> Setting:
    setting = make_setting(TOOL, document, (*path, "peft"), peft)
    checkpoint = get_block(top, "checkpoint")
    add_model(setting, (*path, "checkpoint"), checkpoint, "pretrained_checkpoint")
    if str(peft.get("_target_")).endswith("DoRA") and "lora_alpha" not in setting.places:
        setting.fields["lora_alpha"] = 64
    return setting
