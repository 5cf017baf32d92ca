"""H2O LLM Studio's YAML: `training.lora_*` beside `llm_backbone`."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .core.conversion import split_names
from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.switches import is_on
from .core.tool import Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

TOOL = Tool(
    name="h2o-llmstudio",
    tells_quantization=True,
    title="H2O LLM Studio (training block)",
    source="H2O LLM Studio main of March 2026 (commit a4971c1), "
    "llm_studio/src/utils/modeling_utils.py (prepare_lora)",
    keys=(
        Key("lora", type="bool", help="Train LoRA; off, every weight is trained."),
        Key("lora_r", "r", 4),
        Key("lora_alpha", "lora_alpha", 16),
        Key("lora_dropout", "lora_dropout", 0.05),
        Key(
            "lora_target_modules",
            "target_modules",
            "",
            help="Names of modules with commas between them; empty for every linear layer.",
        ),
        Key("use_dora", "use_dora", False),
        Key("use_rslora", "use_rslora", False),
        Key("lora_unfreeze_layers", type="list[str]", help="Modules that are trained in full."),
    ),
    block=("training",),
    unknown="drops",
    prefix="lora_",
    searched=True,
    words=("llm_backbone",),
    signatures=("llm_backbone",),
    all_linear="an empty `lora_target_modules`",
    summary=Summary(
        files="YAML",
        known_by="`llm_backbone`",
        does="r 4, alpha 16; no targets: every linear layer",
    ),
)

_BITS = {"int4": "4bit", "int8": "8bit"}


def read(document: Document) -> list[Setting]:
    """One Setting for each document with `training.lora`."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if is_on(get_block(top, "training"), "lora", default=True)
    ]


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    setting = make_setting(TOOL, document, (*path, "training"), get_block(top, "training"))
    targets = setting.fields["target_modules"]
    set_field(
        setting,
        "target_modules",
        "all-linear" if targets in ("", None, "None") else split_names(targets),
    )
    setting.behaviour.lists_linear = setting.fields["target_modules"] == "all-linear"
    setting.fields["task_type"] = "CAUSAL_LM"
    add_model(setting, path, top, "llm_backbone")
    kind = get_block(top, "architecture").get("backbone_dtype")
    setting.quantization = _BITS.get(kind) if isinstance(kind, str) else None
    return setting
