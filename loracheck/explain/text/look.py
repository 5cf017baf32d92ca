"""How text comes out: width, colour, and whether block characters can be shown."""

from __future__ import annotations

from typing import NamedTuple

from loracheck.reporters.text import Painter, columns

NARROW, WIDE = 60, 120
"""The least width that tables are made for, and the most that they use."""


class Look(NamedTuple):
    """`width` in columns, `paint` the colours, `blocks` False where the encoding has none."""

    width: int = 80
    paint: Painter = Painter(False)
    blocks: bool = True

    def wrapped(self, text: str, indent: str = "", first: str | None = None) -> list[str]:
        """The text in lines that fit, all indented; the first line with `first` instead."""
        lead = indent if first is None else first
        lines, line = [], lead
        for word in text.split():
            fits = columns(line) + columns(word) + 1 <= self.width
            if line == lead or (fits and line == indent):
                line += word
            elif fits:
                line += f" {word}"
            else:
                lines.append(line)
                line = indent + word
        return [*lines, line]

    def cut(self, text: str, width: int) -> str:
        """The text in at most `width` columns, its end kept: names differ there."""
        dots = "…" if self.blocks else ".."
        return text if len(text) <= width else dots + text[len(dots) - width :]

    def title(self, text: str) -> str:
        """A section's title."""
        return self.paint.bold(text)


def look(width: int, *, colour: bool, encoding: str | None) -> Look:
    """The look of a terminal or a pipe."""
    return Look(max(NARROW, min(width, WIDE)), Painter(colour), _blocks(encoding))


def _blocks(encoding: str | None) -> bool:
    try:
        "█▒·…▏".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
