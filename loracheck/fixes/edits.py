"""The steps a fix is made of: each one edit of the text, and what it means for the values.

Every function gives None where the step cannot be written without touching something else: the
value stands elsewhere (a constant, an alias), a comment is in the way, the last entry would go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.findings import Change

from .document_text import Source
from .spelling import spell_key

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.findings import Edit


class Step(NamedTuple):
    """Edits and the changes of values that they make."""

    edits: tuple[Edit, ...]
    changes: tuple[Change, ...]


def replace(document: Document, path: Path, value: Any) -> Step | None:
    """Write another value at the path."""
    text = Source(document)
    place = text.place(path)
    if place is None:
        return None
    start, end = place
    old = text.source(start, end)
    new = text.spell(value, old)
    if new is None:
        return None
    if document.format == "yaml" and isinstance(text.at(path), (list, dict)):
        block = old[:1] not in ("[", "{")
        if block and ("#" in old or (start := text.after_key(path)) < 0):
            return None
        new = " " + new if block else new
    if text.has_comment(start, end):
        return None
    return Step((text.edit(start, end, new),), (Change("set", path, value),))


def relist(document: Document, path: Path, items: list[str]) -> Step | None:
    """Write other strings in the place of a list's, in the style of those that stand there."""
    text = Source(document)
    old = text.at(path)
    if not isinstance(old, (list, tuple)) or not items or not old:
        return None
    pairs = zip(old, items, strict=False)
    steps = [replace(document, (*path, i), b) for i, (a, b) in enumerate(pairs) if a != b]
    if len(items) < len(old):
        edit = text.cut(path, len(items), len(old) - 1)
    else:
        edit = text.grown(path, len(old) - 1, items[len(old) :])
    if edit is None or None in steps:
        return None
    edits = [edit for step in steps if step is not None for edit in step.edits]
    return Step((*edits, edit), (Change("set", path, items),))


def rename(document: Document, path: Path, name: str) -> Step | None:
    """Give the value at the path another key; None where the mapping has that key already."""
    text = Source(document)
    parent = text.at(path[:-1])
    if not isinstance(parent, dict) or name in parent or path[-1] not in parent:
        return None
    span = document.span(path, key=True)
    start, end = text.offsets(span)
    old = text.source(start, end)
    if not text.inside(path, start, end) or span == document.span(path) or str(path[-1]) not in old:
        return None
    new = spell_key(name, text.format, old)
    if new is None:
        return None
    return Step((text.edit(start, end, new),), (Change("rename", path, name),))


def remove(document: Document, path: Path) -> Step | None:
    """Take an entry out of its list or mapping, with its comma or line."""
    text = Source(document)
    siblings = text.siblings(path)
    if len(siblings) < 2:
        return None
    here = siblings.index(path[-1])
    region = text.block_lines(path) if text.is_block(path[:-1]) else None
    if region is None and not text.is_block(path[:-1]):
        region = text.between(path, siblings, here)
    if region is None or text.has_comment(*region):
        return None
    return Step((text.edit(*region, ""),), (Change("drop", path),))
