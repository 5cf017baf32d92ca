"""A document's text by offsets: where its values, keys and list entries begin and end, and the
edits that take their place.
"""

from __future__ import annotations

import json
from functools import lru_cache

from loracheck.documents.lines import Lines
from loracheck.findings import Edit
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .literals import write_value

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path, Span
    from loracheck.documents.values import Value

_DASH = compile_when_used(r"[ \t]*-[ \t]+")
_ESCAPED = compile_when_used(r"\\.")
_BLANK = compile_when_used(r"[ \t]*(?:\r\n|\n|\r|\Z)")


class DocumentText:
    """The text of one document. All offsets count characters from its start."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.lines = _build_lines(document.text)
        self.in_notebook = document.format == "notebook"
        self.format = "python" if self.in_notebook else document.format

    def get_source_between(self, start: int, end: int) -> str:
        """The text between two offsets; for a notebook the Python in it, without JSON's escapes, or
        "\\0" where it is not within one string.
        """
        raw = self.text[start:end]
        if not self.in_notebook:
            return raw
        if '"' in _ESCAPED.sub("", raw):  # the region is not in one string
            return "\0"
        return str(json.loads(f'"{raw}"'))

    def write_value(self, value: Value, like: str) -> str | None:
        """The value as text in the document's format, in the style of the text `like`; None where
        the format cannot hold it.
        """
        return write_value(value, self.format, like)

    def has_comment(self, start: int, end: int) -> bool:
        """Whether a region may hold a comment, or in a notebook ends outside of its JSON string."""
        source = self.get_source_between(start, end)
        return self.document.format != "json" and ("#" in source or "\0" in source)

    def get_value_at(self, path: Path) -> Any:
        """The document's value at a path, None where there is none."""
        value: Any = self.document.roots
        for step in path:
            reachable = isinstance(value, dict) or (
                isinstance(value, (list, tuple)) and isinstance(step, int)
            )
            if not reachable or step not in (
                value if isinstance(value, dict) else range(len(value))
            ):
                return None
            value = value[step]
        return value

    def find_span_offsets(self, span: Span) -> tuple[int, int]:
        """Start and end of a span."""
        return (
            self.lines.offset(span.line, span.column),
            self.lines.offset(span.end_line, span.end_column),
        )

    def find_offsets(self, path: Path, *, key: bool = False) -> tuple[int, int] | None:
        """Offsets of the value at a path, or of its key; None where they lie outside of its root,
        as for an alias or a constant.
        """
        start, end = self.find_span_offsets(self.document.span(path, key=key))
        if start >= end or not self.is_inside(path, start, end):
            return None
        return start, end

    def is_inside(self, path: Path, start: int, end: int) -> bool:
        """Whether a region lies in the text of the path's root and of its parent."""
        for above in (path[:1], path[:-1]):
            first, last = self.find_span_offsets(self.document.span(above))
            if not first <= start <= end <= last:
                return False
        return True

    def make_edit(self, start: int, end: int, new: str) -> Edit:
        """The edit that writes `new` in the place of a region."""
        if self.in_notebook:
            new = json.dumps(new, ensure_ascii=False)[1:-1]
        return Edit(self.lines.span(start, end), new)

    def list_siblings(self, path: Path) -> list[Any]:
        """The keys or indices of the path's container, in the order of the text."""
        container = self.get_value_at(path[:-1])
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
        start, _ = self.find_span_offsets(self.document.span(path))
        return self.text[start : start + 1] not in ("[", "{")

    def find_end_of_key(self, path: Path) -> int:
        """The offset after the colon of the path's key; -1 where more than white space follows."""
        _, end = self.find_span_offsets(self.document.span(path, key=True))
        start, _ = self.find_span_offsets(self.document.span(path))
        between = self.text[end:start]
        return end + between.index(":") + 1 if between.strip() == ":" else -1

    def find_block_lines(self, path: Path) -> tuple[int, int] | None:
        """The whole lines of an entry of a block."""
        key = isinstance(self.get_value_at(path[:-1]), dict)
        place, value = self.find_offsets(path, key=key), self.find_offsets(path)
        if place is None or value is None:
            return None
        start = self.lines.starts[self.lines.span(place[0], place[0]).line - 1]
        before = self.text[start : place[0]]
        if before.strip() if key else not _DASH.fullmatch(before):
            return None
        rest = _BLANK.match(self.text, value[1])
        return (start, rest.end()) if rest else None

    def cut_entries(self, path: Path, first: int, last: int) -> Edit | None:
        """The edit that removes the entries `first` to `last` of the list at a path; None where a
        comment would go with them.
        """
        if self.is_block(path):
            one, other = self.find_block_lines((*path, first)), self.find_block_lines((*path, last))
            region = None if one is None or other is None else (one[0], other[1])
        else:
            before, after = self.find_offsets((*path, first - 1)), self.find_offsets((*path, last))
            region = None if before is None or after is None else (before[1], after[1])
        if region is None or self.has_comment(*region):
            return None
        return self.make_edit(*region, "")

    def append_entries(self, path: Path, last: int, items: list[str]) -> Edit | None:
        """The edit that adds strings after the last entry of a list, with the separator that stands
        between its entries; None where the format cannot hold them or a comment is in the way.
        """
        place = self.find_offsets((*path, last))
        if place is None:
            return None
        old = self.get_source_between(*place)
        words = [self.write_value(item, old) for item in items]
        if self.is_block(path):
            number = self.lines.span(place[0], place[0]).line
            line, start = self.lines.line(number), self.lines.starts[number - 1]
            between, at = (
                _choose_newline(self.text) + self.text[start : place[0]],
                start + len(line),
            )
        else:
            before = self.find_offsets((*path, last - 1)) if last else None
            between, at = self.get_source_between(before[1], place[0]) if before else ", ", place[1]
            if "\n" in between and "#" in self.get_rest_of_line(at):
                return None  # the comment beside the last entry would move to another
        if None in words or "#" in between or "\0" in between:
            return None
        return self.make_edit(at, at, "".join(between + str(word) for word in words))

    def get_rest_of_line(self, at: int) -> str:
        """The text from an offset to the end of its line."""
        number = self.lines.span(at, at).line
        return self.lines.line(number)[at - self.lines.starts[number - 1] :]

    def find_entry_region(
        self, path: Path, siblings: list[Any], here: int
    ) -> tuple[int, int] | None:
        """Offsets of what to remove with an entry of a list or mapping in brackets: up to the next
        entry, for the last entry from the end of the one before.
        """
        places = [self._find_whole_entry((*path[:-1], name)) for name in siblings]
        if None in places:
            return None
        regions = [place for place in places if place is not None]
        last = here == len(regions) - 1
        region = (
            (regions[here - 1][1], regions[here][1])
            if last
            else (regions[here][0], regions[here + 1][0])
        )
        return region if region[0] < region[1] else None

    def _find_whole_entry(self, path: Path) -> tuple[int, int] | None:
        """Offsets of an entry together with its key."""
        value, key = self.find_offsets(path), self.find_offsets(path, key=True)
        return None if value is None or key is None else (min(value[0], key[0]), value[1])


@lru_cache(maxsize=2)
def _build_lines(text: str) -> Lines:
    return Lines(text)


def _choose_newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
