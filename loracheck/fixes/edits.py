"""The steps a fix is made of: each one edit of the text, and what it means for the values.

Every function gives None where the step cannot be written without touching something else: the
value stands elsewhere (a constant, an alias), a comment is in the way, the last entry would go.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents.lines import Lines
from loracheck.findings import Change, Edit

from .spelling import spell, spell_key

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path

_DASH = re.compile(r"[ \t]*-[ \t]+")
_BLANK = re.compile(r"[ \t]*(?:\r\n|\n|\r|\Z)")


class Step(NamedTuple):
    """Edits and the changes of values that they make."""

    edits: tuple[Edit, ...]
    changes: tuple[Change, ...]


def replace(document: Document, path: Path, value: Any) -> Step | None:
    """Write another value at the path."""
    text = _Text(document)
    place = text.place(path)
    if place is None:
        return None
    start, end = place
    old = document.text[start:end]
    new = spell(value, document.format, old)
    if new is None:
        return None
    if document.format == "yaml" and isinstance(text.at(path), (list, dict)):
        block = old[:1] not in ("[", "{")
        if block and ("#" in old or (start := text.after_key(path)) < 0):
            return None
        new = " " + new if block else new
    if "#" in document.text[start:end] and document.format != "json":
        return None
    return Step((text.edit(start, end, new),), (Change("set", path, value),))


def relist(document: Document, path: Path, items: list[str]) -> Step | None:
    """Write other strings in the place of a list's, in the style of those that stand there."""
    text = _Text(document)
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
    text = _Text(document)
    parent = text.at(path[:-1])
    if not isinstance(parent, dict) or name in parent or path[-1] not in parent:
        return None
    span = document.span(path, key=True)
    start, end = text.offsets(span)
    old = document.text[start:end]
    if not text.inside(path, start, end) or span == document.span(path) or str(path[-1]) not in old:
        return None
    new = spell_key(name, document.format, old)
    if new is None:
        return None
    return Step((text.edit(start, end, new),), (Change("rename", path, name),))


def remove(document: Document, path: Path) -> Step | None:
    """Take an entry out of its list or mapping, with its comma or line."""
    text = _Text(document)
    siblings = text.siblings(path)
    if len(siblings) < 2:
        return None
    here = siblings.index(path[-1])
    region = text.block_lines(path) if text.is_block(path[:-1]) else None
    if region is None and not text.is_block(path[:-1]):
        region = text.between(path, siblings, here)
    if region is None or "#" in document.text[region[0] : region[1]]:
        return None
    return Step((text.edit(*region, ""),), (Change("drop", path),))


class _Text:
    """A document's text by offsets."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.lines = _lines(document.text)

    def at(self, path: Path) -> Any:
        """The value at a path, or None."""
        value: Any = self.document.roots
        for step in path:
            known = isinstance(value, dict) or (
                isinstance(value, (list, tuple)) and isinstance(step, int)
            )
            if not known or step not in (value if isinstance(value, dict) else range(len(value))):
                return None
            value = value[step]
        return value

    def offsets(self, span: Any) -> tuple[int, int]:
        return (
            self.lines.offset(span.line, span.column),
            self.lines.offset(span.end_line, span.end_column),
        )

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int] | None:
        """Where the value (its key) stands; None where that is not inside of its own root."""
        start, end = self.offsets(self.document.span(path, key=key))
        if start >= end or not self.inside(path, start, end):
            return None
        return start, end

    def inside(self, path: Path, start: int, end: int) -> bool:
        """Whether a region lies in the text of the path's root and of its parent."""
        for above in (path[:1], path[:-1]):
            first, last = self.offsets(self.document.span(above))
            if not first <= start <= end <= last:
                return False
        return True

    def edit(self, start: int, end: int, new: str) -> Edit:
        return Edit(self.lines.span(start, end), new)

    def siblings(self, path: Path) -> list[Any]:
        """The keys or indices of the path's container, in the order of the text."""
        container = self.at(path[:-1])
        if isinstance(container, dict):
            keys = list(container)
        elif isinstance(container, (list, tuple)):
            keys = list(range(len(container)))
        else:
            return []
        if path[-1] not in keys:
            return []
        return sorted(keys, key=lambda k: self.document.span((*path[:-1], k)))

    def is_block(self, path: Path) -> bool:
        """Whether a YAML container is written in lines, not in brackets."""
        if self.document.format != "yaml":
            return False
        start, _ = self.offsets(self.document.span(path))
        return self.text[start : start + 1] not in ("[", "{")

    def after_key(self, path: Path) -> int:
        """The offset after the colon of the path's key; -1 where more than white space follows."""
        _, end = self.offsets(self.document.span(path, key=True))
        start, _ = self.offsets(self.document.span(path))
        between = self.text[end:start]
        return end + between.index(":") + 1 if between.strip() == ":" else -1

    def block_lines(self, path: Path) -> tuple[int, int] | None:
        """The whole lines of an entry of a block."""
        key = isinstance(self.at(path[:-1]), dict)
        place, value = self.place(path, key=key), self.place(path)
        if place is None or value is None:
            return None
        start = self.lines.starts[self.lines.span(place[0], place[0]).line - 1]
        before = self.text[start : place[0]]
        if before.strip() if key else not _DASH.fullmatch(before):
            return None
        rest = _BLANK.match(self.text, value[1])
        return (start, rest.end()) if rest else None

    def cut(self, path: Path, first: int, last: int) -> Edit | None:
        """Takes out the entries of a list from one to its last."""
        if self.is_block(path):
            one, other = self.block_lines((*path, first)), self.block_lines((*path, last))
            region = None if one is None or other is None else (one[0], other[1])
        else:
            before, after = self.place((*path, first - 1)), self.place((*path, last))
            region = None if before is None or after is None else (before[1], after[1])
        if region is None or "#" in self.text[region[0] : region[1]]:
            return None
        return self.edit(*region, "")

    def grown(self, path: Path, last: int, items: list[str]) -> Edit | None:
        """Adds strings after the last entry of a list, divided as its entries are."""
        place = self.place((*path, last))
        if place is None:
            return None
        old = self.text[place[0] : place[1]]
        words = [spell(item, self.document.format, old) for item in items]
        if self.is_block(path):
            number = self.lines.span(place[0], place[0]).line
            line, start = self.lines.line(number), self.lines.starts[number - 1]
            between, at = _newline(self.text) + self.text[start : place[0]], start + len(line)
        else:
            before = self.place((*path, last - 1)) if last else None
            between, at = self.text[before[1] : place[0]] if before else ", ", place[1]
        if None in words or "#" in between:
            return None
        return self.edit(at, at, "".join(between + str(word) for word in words))

    def between(self, path: Path, siblings: list[Any], here: int) -> tuple[int, int] | None:
        """An entry in brackets up to the next one; the last one from the end of the one before."""
        places = [self._whole((*path[:-1], name)) for name in siblings]
        if None in places:
            return None
        known = [place for place in places if place is not None]
        last = here == len(known) - 1
        region = (
            (known[here - 1][1], known[here][1]) if last else (known[here][0], known[here + 1][0])
        )
        return region if region[0] < region[1] else None

    def _whole(self, path: Path) -> tuple[int, int] | None:
        """An entry with its key."""
        value, key = self.place(path), self.place(path, key=True)
        return None if value is None or key is None else (min(value[0], key[0]), value[1])


@lru_cache(maxsize=2)
def _lines(text: str) -> Lines:
    return Lines(text)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
