"""Converts offsets in the code of a notebook's cells to offsets in the .ipynb file, where the code
stands in JSON strings.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right

from loracheck.documents.json.scanner import Scanner
from loracheck.documents.tree_document import Place
from loracheck.lazy_pattern import compile_when_used

_STRING = compile_when_used(r'"(?:[^"\\]|\\.)*"')


def find_cell_strings(text: str) -> dict[int, list[tuple[int, str]]]:
    """For the number of each cell the JSON strings of its source, each as its offset in the file
    and its raw text.
    """
    cells = Scanner(text).scan().children.get("cells")
    strings: dict[int, list[tuple[int, str]]] = {}
    for index, cell in (cells.children if cells is not None else {}).items():
        source = cell.children.get("source")
        if source is not None:
            parts = list(source.children.values()) or [source]
            strings[index + 1] = [
                (part.start, text[part.start : part.end])
                for part in parts
                if text[part.start : part.start + 1] == '"'
            ]
    return strings


def compute_line_offsets(text: str, places: list[tuple[int, str]]) -> list[tuple[int, int]]:
    """Start and end of each line of a cell, as offsets in the file."""
    marks: list[int] = []
    end = 0
    fresh = True
    for start, raw in places:
        offsets = compute_character_offsets(raw)
        for char, offset in zip(json.loads(raw), offsets, strict=False):
            if fresh:
                marks.append(start + offset)
            fresh = char == "\n"
        end = start + len(raw)
    return list(zip(marks, [*marks[1:], end], strict=False))


def compute_character_offsets(raw: str) -> list[int]:
    """The offset in a raw JSON string of each character of its value, and of its end."""
    offsets = []
    at = 1
    while at < len(raw) - 1:
        offsets.append(at)
        if raw[at] != "\\":
            at += 1
        elif raw[at + 1] != "u":
            at += 2
        else:
            pair = re.match(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..", raw[at : at + 12])
            at += 12 if pair else 6
    return [*offsets, len(raw) - 1]


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
