"""How text is written: width, colours, and whether block characters can be shown."""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.reporters.text import Painter, count_columns
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODES = compile_when_used(r"\x1b\[[\d;]*m")
_DRAWN = compile_when_used(r"[^\s·.]+")

NARROW, WIDE = 80, 120
"""Columns: the least that tables are made for, and the most that they use."""


class TextStyle(NamedTuple):
    """`width` in columns, `paint` the colours, `blocks` False where the encoding has none."""

    width: int = 80
    paint: Painter = Painter(False)
    blocks: bool = True

    def wrap(self, text: str, indent: str = "", first: str | None = None) -> list[str]:
        """The text in lines that fit, all indented; the first line with `first` instead."""
        lead = indent if first is None else first
        lines: list[str] = []
        while _count_visible_columns(lead) > self.width - 8:  # too long itself to begin a line with
            lines.append(lead[: self.width].rstrip())
            lead = indent + lead[self.width :].rstrip()
            lead += " " if lead.strip() else ""
        line = lead
        for word in self._split_words(text, len(indent)):
            fits = _count_visible_columns(line) + _count_visible_columns(word) + 1 <= self.width
            if line in (lead, indent):
                if _count_visible_columns(line) + _count_visible_columns(word) > self.width:
                    lines.append(line.rstrip())
                    line = indent
                line += word
            elif fits:
                line += f" {word}"
            else:
                lines.append(line)
                line = indent + word
        return [row for row in [*lines, line] if row.strip()]

    def _split_words(self, text: str, indent: int) -> Iterator[str]:
        """The words, those longer than a line in pieces."""
        most = self.width - indent
        for word in text.split():
            yield from (word[start : start + most] for start in range(0, len(word), most))

    def cut_left(self, text: str, width: int) -> str:
        """The text in at most `width` columns, cut on the left: names differ at their ends."""
        dots = "…" if self.blocks else ".."
        return text if len(text) <= width else dots + text[len(dots) - width :]

    def highlight(self, text: str) -> str:
        """The bar or strip with its filled part in colour."""
        if not self.paint.on:
            return text
        return _DRAWN.sub(lambda found: self.paint.help(found[0]), text)

    def title(self, text: str) -> str:
        """A section's title."""
        return self.paint.bold(text)


def _count_visible_columns(text: str) -> int:
    """Columns that the text takes on the screen."""
    return count_columns(_CODES.sub("", text) if "\x1b" in text else text)


def choose_style(width: int, *, colour: bool, encoding: str | None) -> TextStyle:
    """The style for a terminal or a pipe."""
    return TextStyle(max(NARROW, min(width, WIDE)), Painter(colour), _can_show_blocks(encoding))


def _can_show_blocks(encoding: str | None) -> bool:
    try:
        "█▒·…▏".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
