"""Keys about LoRA that the tool does not have: misspelt, another tool's, or in the wrong place."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .key_suggestions import suggest, suggest_short
from .misplaced_keys import find_misplaced

if TYPE_CHECKING:
    from loracheck.documents.model import Path
    from loracheck.documents.values import Table

    from .setting import Setting
    from .tool import Tool

_LORAS = ("lora_", "adapter", "finetuning_type", "tuner_type")


def add_unknown_keys(setting: Setting, tool: Tool, path: Path, mapping: Table) -> None:
    """Fill in `unknown_keys` and `suggestions` of a setting whose keys stand in `mapping`."""
    names = {key.name: key.field or key.like for key in tool.keys}
    fields = {field for name, field in names.items() if field and name in mapping}
    for name in mapping:
        if not isinstance(name, str) or name in names or name in tool.near:
            continue
        right = suggest(name, names, strict=tool.strict or tool.only_lora)
        plain = name.lstrip("-")
        # A tool none of whose keys begins with lora_ has another tool's key there.
        foreign = plain.startswith("lora_") and not any(k.startswith("lora_") for k in names)
        known = foreign or (tool.prefix is not None and plain.startswith(tool.prefix))
        if right is None and known and tool.prefix != "lora_":
            right = suggest(plain[len(tool.prefix or "") :], names, strict=True)
        if right is None and (fields or _says_lora(tool, mapping)):
            right = suggest_short(plain, names, fields)
        if right is not None or tool.strict or known:
            setting.unknown_keys[name] = (*path, name)
            if right:
                setting.suggestions[name] = right
    for name, place in (
        find_misplaced(tool, setting.document, path, mapping) if tool.searched else ()
    ):
        setting.unknown_keys.setdefault(name, place)
        setting.suggestions.setdefault(name, name)


def _says_lora(tool: Tool, mapping: Table) -> bool:
    """Whether the mapping has a key that is the tool's alone and LoRA's."""
    names = (key.name for key in tool.keys if key.name in mapping)
    return any(name.lstrip("-").startswith(_LORAS) for name in names)
