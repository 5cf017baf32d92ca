"""Lines that IPython reads and Python does not: `!pip`, `%env`, `x = !ls`, `name?`."""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used

_MAGIC = compile_when_used(r"^([ \t]*)(?:(?!!=)[!%?].*|[\w.\[\], ]+=\s*[!%].*|[\w.]+\?{1,2}\s*)$")
"""Not `!= b`, which goes on from the line above: no command is called `=`."""


def replace_magics(source: str) -> str:
    """The text with `pass` in place of every such line. Its length stays the same, so that offsets
    hold.
    """
    lines = []
    going_on = False
    for line in source.split("\n"):
        foreign = _MAGIC.match(line)
        if going_on:
            lines.append(" " * len(line))
        elif foreign is not None:
            lines.append(_blank_out(line, len(foreign[1])))
        else:
            lines.append(line)
        going_on = (going_on or foreign is not None) and line.endswith("\\")
    return "\n".join(lines)


def _blank_out(line: str, indent: int) -> str:
    """The line with `pass` (or `0`) in place of its text where there is room, so that no block
    loses its only statement.
    """
    rest = len(line) - indent
    return line[:indent] + ("pass" if rest >= 4 else "0" if rest else "").ljust(rest)
