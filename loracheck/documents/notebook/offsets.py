"""Converts offsets in the code of a notebook's cells to offsets in the .ipynb file, where the code
stands in JSON strings.
"""

from __future__ import annotations

import json
from bisect import bisect_right

from loracheck.documents.tree_document import Place
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STRING = compile_when_used(r'"(?:[^"\\]|\\.)*"')
_GAP = compile_when_used(r"[ \t\n\r,:]*")
_ESCAPE = compile_when_used(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.")

_decode = json.JSONDecoder().raw_decode

CellStrings = list[tuple[int, str]]
"""The JSON strings of a cell's source, each as its offset in the file and its raw text."""


def find_cell_strings(text: str) -> dict[int, CellStrings]:
    """For the number of each cell, from 1, the strings of its source. `text` is valid JSON."""
    strings: dict[int, CellStrings] = {}
    reader = _Reader(text)
    for key in reader.iterate_members("{"):
        if key == "cells":
            strings = dict(_read_cells(reader))
    return strings


def _read_cells(reader: _Reader) -> Iterator[tuple[int, CellStrings]]:
    for number, _ in enumerate(reader.iterate_members("["), 1):
        for key in reader.iterate_members("{"):
            if key == "source":
                yield number, list(_read_source(reader))


def _read_source(reader: _Reader) -> Iterator[tuple[int, str]]:
    """A string, or a list of strings (nbformat 4, `multiline_string`)."""
    start = reader.at
    if reader.is_at('"'):
        yield start, reader.read_value()
    for _ in reader.iterate_members("["):
        start = reader.at
        if reader.is_at('"'):
            yield start, reader.read_value()


class _Reader:
    """Goes over the members of a valid JSON text. What nobody asks for, as the pictures in a
    notebook's outputs, is passed over by the standard library's decoder.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._skip_gap()

    def is_at(self, opener: str) -> bool:
        return self.text.startswith(opener, self.at)

    def iterate_members(self, opener: str) -> Iterator[str | None]:
        """The key of each member of the container here (None in an array), while `at` is at the
        member's value; nothing where no container with that bracket begins here.
        """
        if not self.is_at(opener):
            return
        closer = "}" if opener == "{" else "]"
        self._move_to(self.at + 1)
        while not self.is_at(closer):
            key = _read_string(self.read_value()) if opener == "{" else None
            start = self.at
            yield key
            if self.at == start:
                self.read_value()
        self._move_to(self.at + 1)

    def read_value(self) -> str:
        """The raw text of the value here; `at` moves on to what follows it."""
        start = self.at
        _, end = _decode(self.text, start)
        self._move_to(end)
        return self.text[start:end]

    def _move_to(self, at: int) -> None:
        self.at = at
        self._skip_gap()

    def _skip_gap(self) -> None:
        match = _GAP.match(self.text, self.at)
        self.at = match.end() if match else self.at


def compute_line_offsets(text: str, places: CellStrings) -> list[tuple[int, int]]:
    """Start and end of each line of a cell, as offsets in the file."""
    marks: list[int] = []
    end = 0
    fresh = True
    for start, raw in places:
        offsets = compute_character_offsets(raw)
        for char, offset in zip(_read_string(raw), offsets, strict=False):
            if fresh:
                marks.append(start + offset)
            fresh = char == "\n"
        end = start + len(raw)
    return list(zip(marks, [*marks[1:], end], strict=False))


def compute_character_offsets(raw: str) -> list[int]:
    """The offset in a raw JSON string of each character of its value, and of its end."""
    offsets: list[int] = []
    at, end = 1, len(raw) - 1
    for match in _ESCAPE.finditer(raw, at, end):
        offsets += range(at, match.start() + 1)
        at = match.end()
    return [*offsets, *range(at, end), end]


def map_offsets(text: str, cells: Iterable[CellStrings]) -> OffsetMap:
    """From offsets in the code of cells, one after the other, to those in the file, which is
    `text`.
    """
    starts: list[int] = []
    offsets: list[int] = []
    at = 0
    for strings in cells:
        for start, raw in strings:
            starts.append(at)
            offsets.append(start)
            at += len(_read_string(raw))
        at += 1  # the line break between cells
    return OffsetMap(text, starts, offsets)


def _read_string(raw: str) -> str:
    """The value of a JSON string."""
    value: str = _decode(raw)[0]
    return value


class OffsetMap:
    """Converts offsets in the Python of all cells to offsets in the file. `starts` are the offsets
    in the Python at which a JSON string begins, `offsets` those of that string in the file.
    """

    def __init__(self, text: str, starts: list[int], offsets: list[int]) -> None:
        self.text = text
        self.starts = starts
        self.offsets = offsets
        self._known: dict[int, list[int]] = {}

    def place(self, place: Place) -> Place:
        converted = Place(self._move(place.start), self._move(place.end, end=True))
        if place.key_start >= 0:
            converted.key_start = self._move(place.key_start)
            converted.key_end = self._move(place.key_end, end=True)
        converted.children = {step: self.place(child) for step, child in place.children.items()}
        return converted

    def _move(self, offset: int, *, end: bool = False) -> int:
        """The offset in the file. An `end` is looked up by the character before it, which is in the
        same string.
        """
        index = max(bisect_right(self.starts, offset - end) - 1, 0)
        if not self.starts:
            return 0
        if index not in self._known:
            self._known[index] = compute_character_offsets(
                _get_string_at(self.text, self.offsets[index])
            )
        inside = self._known[index]
        return self.offsets[index] + inside[min(offset - self.starts[index], len(inside) - 1)]


def _get_string_at(text: str, at: int) -> str:
    """The raw JSON string that begins at an offset of the file."""
    match = _STRING.match(text, at)
    return match[0] if match else '""'
