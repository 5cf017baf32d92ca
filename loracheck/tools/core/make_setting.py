"""From the keys in a mapping to the Setting that the tool hands to PEFT, before any expansion."""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields as field_table
from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .conversion import convert
from .field_names import get_heads
from .key import UNSET
from .setting import Setting
from .unknown_keys import add_unknown_keys

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value

    from .key import Key
    from .tool import Tool

_NUMBERS = frozenset({"r", "lora_alpha", "lora_dropout"})
"""Fields that must be a number: null in the place of one is handed on, or refused."""


def make_setting(tool: Tool, document: Document, path: Path, mapping: Table) -> Setting:
    """The Setting of the tool's keys in `mapping`, which stands at `path`.

    A key that is null counts as not set, but for a number that must be one. The base model, the
    model classes and what the tool expands are the caller's to add.
    """
    setting = Setting(
        tool_name=tool.name,
        document=document,
        path=path,
        fields={
            key.field: key.default for key in tool.keys if key.field and key.default is not UNSET
        },
        unknown_key_effect=tool.unknown,
        own_lora=tool.own_lora,
        tool=tool,
        complete=tool.own_lora is None,
    )
    for key in tool.keys:
        value = mapping.get(key.name)
        is_required = key.field in _NUMBERS and key.default is not UNSET and not tool.skips_null
        if key.field is None or (value is None and not (is_required and key.name in mapping)):
            continue
        setting.fields[key.field] = _read(tool, key, value)
        setting.places[key.field] = (*path, key.name)
        if key.name != key.field:
            setting.keys[key.field] = key.name
    add_unknown_keys(setting, tool, path, mapping)
    setting.heads = get_heads(setting.fields.get("task_type"))
    return setting


def _read(tool: Tool, key: Key, value: Value) -> Value:
    """A value of the file as the tool reads it."""
    if key.nargs is not None and tool.file_is_command and isinstance(value, str):
        return [value]
    if key.field == "modules_to_save" and key.type == "list[str]" and isinstance(value, str):
        # The tool refuses the string (LC702): the rest is judged by what it means, not by its
        # letters, which PEFT would go through.
        parts = (part.strip(" '\"") for part in value.strip("[]() ").split(","))
        return [part for part in parts if part]
    types = key.type or field_table()[str(key.field)].type
    return convert(value, types) if tool.lenient else value


def set_field(setting: Setting, field: str, value: Value, place: Path | None = None) -> None:
    """Give PEFT another value for a field; it stands at `place`, else where the field did."""
    setting.fields[field] = value
    if place is not None:
        setting.places[field] = place


def add_model(setting: Setting, path: Path, mapping: Table, *names: str) -> None:
    """Take the base model from the first of `names` that is set in the mapping at `path`."""
    for name in names:
        value = mapping.get(name)
        if isinstance(value, Unknown) or (isinstance(value, str) and value.strip()):
            setting.model = value
            setting.model_place = (*path, name)
            return
