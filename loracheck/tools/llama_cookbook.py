"""llama-cookbook's finetuning (llama-recipes before 2025): a command whose options set the fields
of its dataclasses, `--lora_config.r 16` or, for every dataclass that has such a field, `--r 16`.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.switches import is_on
from .core.tool import Program, Summary, Switch, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

TOOL = Tool(
    name="llama-cookbook",
    title="llama-cookbook (llama_cookbook.finetuning)",
    source="llama-cookbook 0.0.5.post1, src/llama_cookbook/configs/peft.py (lora_config), "
    "utils/config_utils.py (update_config, generate_peft_config)",
    tells_quantization=True,
    keys=(
        Key("r", "r", 8),
        Key("lora_alpha", "lora_alpha", 32),
        Key("lora_dropout", "lora_dropout", 0.05),
        Key("target_modules", "target_modules", ["q_proj", "v_proj"]),
        Key("task_type", "task_type", "CAUSAL_LM"),
        Key("inference_mode", "inference_mode", False),
        Key("bias", type="str", help="Passed over: the dataclass does not hand it on."),
    ),
    block=("lora_config",),
    strict=True,
    unknown="drops",
    tells_unknown=True,
    parser="literals",
    switch=Switch(("use_peft",), "true"),
    signatures=("use_peft peft_method model_name",),
    programs=(
        Program(module=r"llama_(?:cookbook|recipes)\.finetuning"),
        Program(module=r"(?:finetuning|examples|recipes)\.finetuning"),
    ),
    told_by_options="signature",
    summary=Summary(
        files=".sh",
        known_by="`llama_cookbook.finetuning`, `--use_peft` with `--peft_method`",
        does="r 8, alpha 32, q_proj and v_proj",
    ),
)

FLAT = TOOL._replace(
    title="llama-cookbook (options without lora_config)",
    block=(),
    strict=False,
    prefix="lora_",
    near=frozenset({"lora_config"}),
    signatures=(),
    programs=(),
    summary=None,
)

MORE = (FLAT,)
"""The same keys as options of their own."""

_BITS = {"4bit": "4bit", "8bit": "8bit"}


def read(document: Document) -> list[Setting]:
    """One Setting for each command that trains LoRA."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if document.format == "shell" and _trains(top)
    ]


def _trains(top: Table) -> bool:
    return is_on(top, "use_peft") and top.get("peft_method", "lora") == "lora"


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    lora = get_block(top, "lora_config")
    if lora:
        setting = make_setting(TOOL, document, (*path, "lora_config"), lora)
    else:
        setting = make_setting(FLAT, document, path, top)
    level = top.get("quantization")
    setting.quantization = _BITS.get(level) if isinstance(level, str) else None
    add_model(setting, path, top, "model_name")
    return setting
