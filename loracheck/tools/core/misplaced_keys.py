"""A tool's own LoRA keys in another part of its file, where the tool does not look for them."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value

    from .tool import Tool

_MARKED = ("lora_", "peft_use_", "peft_layers_")
_PEFTS = frozenset({"target_modules", "modules_to_save", "use_rslora", "use_dora"})
"""Names that say by themselves that they are LoRA's, wherever they stand."""

_DEEPEST = 4


def find_misplaced(
    tool: Tool, document: Document, path: Path, mapping: Table
) -> Iterator[tuple[str, Path]]:
    """Keys of the tool, with their paths, that `mapping` lacks and that stand elsewhere in the same
    document: anywhere for a name that is LoRA's own, at the top for a number's short name (`r`).
    """
    missing = {key.name: key.field for key in tool.keys if key.field and key.name not in mapping}
    lora_keys = {name for name in missing if name.startswith(_MARKED) or name in _PEFTS}
    number = path[0]
    top = document.roots[number] if isinstance(number, int) else None
    if isinstance(top, dict) and tool.block:
        short = {n for n, field in missing.items() if field in ("r", "lora_alpha", "lora_dropout")}
        yield from ((name, (number, name)) for name in top if name in short - lora_keys)
    if lora_keys:
        blocks = () if tool.block else tuple(key.name for key in tool.keys)
        yield from _find_below(top, (number,), path, lora_keys, blocks)


def _find_below(
    value: Value, here: Path, path: Path, names: set[str], key_names: tuple[str, ...]
) -> Iterator[tuple[str, Path]]:
    if len(here) > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            inner = (*here, key)
            if inner == path:
                continue
            if key in names and here != path:
                yield key, inner
            elif not key_names or key in key_names or not str(key).startswith("lora"):
                # A block that is called LoRA's is told as a whole, as a key that a flat file lacks.
                yield from _find_below(item, inner, path, names, key_names)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _find_below(item, (*here, index), path, names, key_names)
