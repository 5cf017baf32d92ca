"""`tomllib.loads`, but for texts on which it takes time in the square of their length."""

from __future__ import annotations

import re
import sys

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_DOTS = 100
"""Parts of a dotted key that are read: tomllib takes the square of them in time."""

_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_NEXT_PART = re.compile(r"[ \t]*\.[ \t]*[\w-]*")


def loads(text: str) -> dict[str, Any]:
    """The value of a TOML text. Raises ValueError, with a place as tomllib has it, for what is no
    TOML or has a key of more than MAX_DOTS parts, RecursionError for what is nested too deep.
    """
    if text.count(".") > MAX_DOTS:
        _refuse_long_keys(text)
    return tomllib.loads(text)


def _refuse_long_keys(text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") <= MAX_DOTS:
            continue
        end, parts = -1, 0
        for match in _NEXT_PART.finditer(_STRING.sub("s", line)):
            parts = parts + 1 if match.start() == end else 1
            end = match.end()
            if parts > MAX_DOTS:
                reason = f"Key of more than {MAX_DOTS} parts"
                raise ValueError(f"{reason} (at line {number}, column 1)")
