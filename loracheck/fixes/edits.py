"""The steps that a fix is made of: each is an edit of the text, and the change of the document's
values that it makes.

Every function gives None where the step would change something else too: the value is written
elsewhere (a constant, an alias), a comment is in the way, or a list would lose its last entry.
"""

from __future__ import annotations

from loracheck.findings import Change
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .document_text import DocumentText
from .literals import write_key

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Value
    from loracheck.findings import Edit


class Step(NamedTuple):
    """Edits and the changes of values that they make."""

    edits: tuple[Edit, ...]
    changes: tuple[Change, ...]


def replace_value(document: Document, path: Path, value: Value) -> Step | None:
    """Write another value at the path."""
    text = DocumentText(document)
    place = text.find_offsets(path)
    if place is None:
        return None
    start, end = place
    old = text.get_source_between(start, end)
    new = text.write_value(value, old)
    if new is None:
        return None
    if document.format == "yaml" and isinstance(text.get_value_at(path), (list, dict)):
        block = old[:1] not in ("[", "{")
        if block and ("#" in old or (start := text.find_end_of_key(path)) < 0):
            return None
        new = " " + new if block else new
    if text.has_comment(start, end):
        return None
    return Step((text.make_edit(start, end, new),), (Change("set", path, value),))


def replace_list(document: Document, path: Path, items: list[str]) -> Step | None:
    """Write `items` in the place of a list's strings, quoted as the old ones are."""
    text = DocumentText(document)
    old = text.get_value_at(path)
    if not isinstance(old, (list, tuple)) or not items or not old:
        return None
    pairs = zip(old, items, strict=False)
    steps = [replace_value(document, (*path, i), b) for i, (a, b) in enumerate(pairs) if a != b]
    if len(items) < len(old):
        edit = text.cut_entries(path, len(items), len(old) - 1)
    else:
        edit = text.append_entries(path, len(old) - 1, items[len(old) :])
    if edit is None or None in steps:
        return None
    edits = [edit for step in steps if step is not None for edit in step.edits]
    return Step((*edits, edit), (Change("set", path, items),))


def rename_key(document: Document, path: Path, name: str) -> Step | None:
    """Give the value at the path another key; None where the mapping has that key already."""
    text = DocumentText(document)
    parent = text.get_value_at(path[:-1])
    if not isinstance(parent, dict) or name in parent or path[-1] not in parent:
        return None
    span = document.span(path, key=True)
    start, end = text.find_span_offsets(span)
    old = text.get_source_between(start, end)
    if (
        not text.is_inside(path, start, end)
        or span == document.span(path)
        or str(path[-1]) not in old
    ):
        return None
    new = write_key(name, text.format, old)
    if new is None:
        return None
    return Step((text.make_edit(start, end, new),), (Change("rename", path, name),))


def remove_entry(document: Document, path: Path) -> Step | None:
    """Take an entry out of its list or mapping, with its comma or line."""
    text = DocumentText(document)
    siblings = text.list_siblings(path)
    if len(siblings) < 2:
        return None
    here = siblings.index(path[-1])
    region = text.find_block_lines(path) if text.is_block(path[:-1]) else None
    if region is None and not text.is_block(path[:-1]):
        region = text.find_entry_region(path, siblings, here)
    if region is None or text.has_comment(*region):
        return None
    return Step((text.make_edit(*region, ""),), (Change("drop", path),))
