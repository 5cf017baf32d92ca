"""`echo`: a text on standard output or standard error as click writes it, without click where there
is nothing for it to do.
"""

from __future__ import annotations

import sys


def echo(text: str, *, nl: bool = True, err: bool = False, color: bool | None = None) -> None:
    """Write a text and a line's end; it is out when this returns. Without `color` the colours are
    left out unless it goes to a terminal.
    """
    stream = sys.stderr if err else sys.stdout
    coloured = "\x1b" in text and color is not True
    if coloured or sys.platform == "win32" or not _is_utf8(stream):
        import click

        click.echo(text, nl=nl, err=err, color=color)
        return
    stream.write(f"{text}\n" if nl else text)
    stream.flush()


def _is_utf8(stream: object) -> bool:
    """Whether a stream takes any text; click replaces one that takes ASCII alone."""
    encoding = getattr(stream, "encoding", None)
    return isinstance(encoding, str) and encoding.lower() in ("utf-8", "utf8")
