"""Colours, excerpts and printable text for the reports that people read in a terminal."""

from __future__ import annotations

import unicodedata


class Painter:
    """ANSI colours, or plain text where they are switched off."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text

    def bold(self, text: str) -> str:
        """Bold, for names and the file lines of a diff."""
        return self._wrap("1", text)

    def dim(self, text: str) -> str:
        """Blue, for frames and line numbers."""
        return self._wrap("34", text)

    def help(self, text: str) -> str:
        """For the word "help"."""
        return self._wrap("1;36", text)

    def link(self, text: str, address: str | None) -> str:
        """A text that terminals with hyperlinks (OSC 8) open; the plain text in others."""
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\" if self.on and address else text

    def color_diff_line(self, line: str) -> str:
        """A line of a diff: added in green, removed in red, positions in cyan, file names bold."""
        if line.startswith(("+++", "---")):
            return self.bold(line)
        code = {"+": "32", "-": "31", "@": "36"}.get(line[:1])
        return self._wrap(code, line) if code else line

    def level(self, severity: str, text: str) -> str:
        """In the colour of the severity."""
        return self._wrap({"error": "1;31", "warning": "1;33"}.get(severity, "1;34"), text)


def cut_excerpt(line: str, start: int, width: int, limit: int) -> tuple[str, int, int]:
    """An excerpt of at most `limit` columns around a place, and the place's column and width in it.

    Control characters are shown as `?` so that a hostile file cannot move the cursor; wide
    characters count twice.
    """
    first = 0 if start + width <= limit else max(0, start - limit // 3)
    cut = _make_printable(line[first : first + limit])
    before = _make_printable(line[first:start])
    inside = _make_printable(line[start : min(start + width, first + limit)])
    lead, tail = "…" if first else "", "…" if first + limit < len(line) else ""
    return f"{lead}{cut}{tail}", count_columns(lead + before), max(count_columns(inside), 1)


def count_columns(text: str) -> int:
    """Terminal columns that the text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _make_printable(text: str) -> str:
    return text if text.isprintable() else "".join(map(_make_character_printable, text))


def _make_character_printable(char: str) -> str:
    if char == "\t":
        return "    "
    return char if char.isprintable() else "?"
