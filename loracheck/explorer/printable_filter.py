"""Replaces control characters in all text that the explorer draws, whichever widget has it."""

from __future__ import annotations

from rich.segment import Segment
from textual.filter import LineFilter

from loracheck.reporters.sinks import make_printable
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.color import Color


class PrintableFilter(LineFilter):
    """Replaces control characters in every line of every widget: an escape sequence in a value or
    a file's name would otherwise reach the terminal, and OSC 52 its clipboard.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in the same columns; what is not printable is a `?` or a blank."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(make_printable(text), style, control) for text, style, control in segments]
