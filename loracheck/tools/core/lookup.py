"""Reads a file's nested mappings: the mapping at the top of each document, a block, a value."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value


def iterate_top_mappings(document: Document) -> Iterator[tuple[Path, Table]]:
    """The mapping at the top of each of the file's documents, with its path."""
    for number, root in enumerate(document.roots):
        if isinstance(root, dict):
            yield (number,), root


def get_block(mapping: Value, *keys: str) -> Table:
    """The mapping at a chain of keys; an empty one where there is none."""
    for key in keys:
        mapping = mapping.get(key) if isinstance(mapping, dict) else None
    return mapping if isinstance(mapping, dict) else {}


def get_value(mapping: Value, *keys: str) -> Value:
    """The value at a chain of keys, None where it breaks off."""
    for key in keys:
        mapping = mapping.get(key) if isinstance(mapping, dict) else None
    return mapping


def get_text(mapping: Table, key: str) -> str | None:
    """The value at `key` if it is a string with something in it."""
    value = mapping.get(key)
    return value if isinstance(value, str) and value else None
