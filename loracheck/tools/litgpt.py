"""LitGPT's YAML for `litgpt finetune_lora`: numbers and switches, no module names."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.tool import Program, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

_SWITCHES = ("query", "key", "value", "projection", "mlp", "head")

TOOL = Tool(
    name="litgpt",
    title="LitGPT",
    source="LitGPT 0.5.13, litgpt/finetune/lora.py (setup)",
    keys=(
        Key("lora_r", "r", 8),
        Key("lora_alpha", "lora_alpha", 16, type="int"),
        Key("lora_dropout", "lora_dropout", 0.05),
        *(Key(f"lora_{name}", type="bool", help=f"LoRA on the {name}.") for name in _SWITCHES),
        Key("quantize", type="str", help="bnb.nf4 and its relatives."),
    ),
    lenient=True,  # jsonargparse reads a string for a typed parameter as YAML
    prefix="lora_",
    own_lora="LitGPT has LoRA layers of its own; only the values were checked",
    searched=True,
    parser="jsonargparse",
    priority=-2,
    signatures=("lora_query|lora_projection", "checkpoint_dir lora_r"),
    programs=(
        Program("litgpt", ("finetune", "finetune_lora")),
        Program(module=r"finetune\.lora"),
    ),
    told_by_options="signature",
    summary=Summary(
        files="YAML, .sh",
        known_by="`lora_query`, `checkpoint_dir` with `lora_r`",
        does="own layers and names: only types and ranges are judged",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each document."""
    return [_build_setting(document, path, top) for path, top in iterate_top_mappings(document)]


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    setting = make_setting(TOOL, document, path, top)
    add_model(setting, path, top, "checkpoint_dir")
    return setting
