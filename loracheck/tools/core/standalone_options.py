"""Options of a command that no tool is known for: what a script of one's own, or a tool with the
rest in another file, is given. Only those that every reader hands on to PEFT as they are can be
judged.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .key import Key
from .make_setting import make_setting
from .tool import Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value

    from .setting import Setting

OWN = "the script reads its options in its own way; only the values were checked"

_PLAIN = ("r", "lora_alpha", "lora_dropout", "use_rslora", "use_dora")
"""Fields whose value every tool hands on as it is."""

SCRIPT = Tool(
    name="generic",
    title="a training script's options",
    source="the scripts in PEFT's own examples (sft, causal_language_modeling and others)",
    keys=(
        Key("lora_r", "r"),
        Key("lora_rank", "r"),
        Key("lora_alpha", "lora_alpha"),
        Key("lora_dropout", "lora_dropout"),
        Key("lora_target_modules", "target_modules"),
        Key("target_modules", "target_modules"),
    ),
    own_lora=OWN,
)


def make_partial_setting(tool: Tool, document: Document, path: Path, mapping: Table) -> Setting:
    """The Setting of the values in `mapping` alone: what is not there is unknown, not default."""
    setting = make_setting(tool, document, path, mapping)
    setting.complete = False
    setting.unknown_key_effect = "raises"
    setting.fields = {
        field: value
        for field, value in setting.fields.items()
        if (field in _PLAIN or _has_commas(value)) and field in setting.places
    }
    setting.places = {field: setting.places[field] for field in setting.fields}
    if tool is SCRIPT:
        setting.tool = None
        setting.form = "mapping"
        setting.unknown_keys.clear()
        setting.suggestions.clear()
    return setting


def _has_commas(value: Value) -> bool:
    """Whether several words have commas at their ends (a shell's `--names "a", "b"`), which is
    right for no parser: one that takes several words parts them by blanks.
    """
    words = value if isinstance(value, list) else []
    return any(isinstance(word, str) and word.endswith(",") for word in words[:-1])
