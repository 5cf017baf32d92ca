"""The lines of a text, from which a report takes its excerpts."""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used

_LINE_BREAK = compile_when_used(r"\r\n|\n|\r")
"""Where a line ends, as spans count them (`str.splitlines` knows more ends)."""


def split_lines(text: str) -> tuple[str, ...]:
    """The lines of a text, without their ends."""
    return tuple(_LINE_BREAK.split(text))
