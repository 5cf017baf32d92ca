"""Converts offsets in a text to lines and columns, and back."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from loracheck.lazy_pattern import compile_when_used

from .model import Span

_BREAK = compile_when_used(r"\r\n|\n|\r")


class Lines:
    """The line starts of a text. Lines end at LF, CRLF or CR, as editors count them (not at the
    form feeds and Unicode separators of `str.splitlines`); columns count characters.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = _find_starts(text)

    def span(self, start: int, end: int) -> Span:
        """The span from one offset to another (the end is the first offset after the place)."""
        return Span(*self._compute_position(start), *self._compute_position(end))

    def at(self, offset: int) -> Span:
        """The span of the one character at `offset`; empty at the text's end."""
        after = offset + (offset < len(self.text) and self.text[offset] not in "\r\n")
        return self.span(offset, after)

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column that count from 1."""
        return self.starts[line - 1] + column - 1

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its end."""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")

    def _compute_position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def _find_starts(text: str) -> list[int]:
    """The offsets at which the lines begin."""
    if "\r" in text:
        return [0, *(match.end() for match in _BREAK.finditer(text))]
    lengths = map(len, text.split("\n")[:-1])
    return [0, *(end + number for number, end in enumerate(accumulate(lengths), 1))]
