"""Places of a text as an editor counts them: from 0, and columns in units of an encoding.

Source: Language Server Protocol 3.17, "Position": UTF-16 unless both sides agree on another.
"""

from __future__ import annotations

from lsprotocol import types

from loracheck.documents.lines import Lines
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Span

UNIT_BYTES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
"""Encoding -> bytes of one unit."""

_CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


class Positions:
    """Converts places of one text."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.lines = Lines(text)
        self._encoding = encoding if encoding in UNIT_BYTES else "utf-16"

    def to_range(self, span: Span) -> types.Range:
        """The range of a span; one that lies outside of the text is cut."""
        return types.Range(
            self._convert_position(span.line, span.column),
            self._convert_position(span.end_line, span.end_column),
        )

    def range_of(self, start: int, end: int) -> types.Range:
        """The range from one offset to another."""
        return self.to_range(self.lines.span(start, end))

    def to_offset(self, position: types.Position) -> int:
        """The offset of a position. One behind its line's end is the end of the line, one behind
        the text its end (LSP: "defaults back to the line length").
        """
        if position.line >= len(self.lines.starts):
            return len(self.lines.text)
        number = max(position.line, 0) + 1
        line = self.lines.line(number)
        width = self._measure_width(line)
        if position.character >= width:
            column = len(line)
        elif line.isascii():
            column = max(position.character, 0)
        else:
            size = max(position.character, 0) * UNIT_BYTES[self._encoding]
            column = len(self._encode(line)[:size].decode(_CODECS[self._encoding], "ignore"))
        return self.lines.starts[number - 1] + column

    def _convert_position(self, number: int, column: int) -> types.Position:
        last = len(self.lines.starts)
        number = min(max(number, 1), last)
        line = self.lines.line(number)
        return types.Position(number - 1, self._measure_width(line[: max(column - 1, 0)]))

    def _measure_width(self, text: str) -> int:
        if text.isascii():
            return len(text)
        return len(self._encode(text)) // UNIT_BYTES[self._encoding]

    def _encode(self, text: str) -> bytes:
        return text.encode(_CODECS[self._encoding], "replace")
