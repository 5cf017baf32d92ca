"""What can still be read of Python that does not parse: the top-level statements around the fault.

A notebook runs cell by cell, and one wrong statement in a cell says nothing about the LoRA settings
above it. The same serves f-strings of Python 3.12 (PEP 701) under an older one.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LEFT_OUT = 8
"""Statements that are left out before the text is given up."""

_CONTINUATION = re.compile(r"[\s)\]}#]|(?:else|elif|except|finally|case)\b")
"""How a line begins that belongs to the statement above it."""


class SalvagedCode(NamedTuple):
    """The text with the statements that do not parse blanked out, of the same length; and them."""

    code: str
    left_out: tuple[str, ...]


def find_syntax_error(code: str) -> SyntaxError | None:
    """Why a text is no Python; None where it is. Raises ValueError, RecursionError, MemoryError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except SyntaxError as error:
        return error
    return None


def salvage(
    code: str, fault: SyntaxError, among: Callable[[SyntaxError], bool]
) -> SalvagedCode | None:
    """The text without the statements in which its faults lie. None where a fault is not one of
    `among`, or nothing can be gained. Raises like `syntax_error`.
    """
    error: SyntaxError | None = fault
    gone: list[str] = []
    lines = code.split("\n")
    while error is not None:
        first, last = _statement_lines(lines, (error.lineno or 1) - 1)
        chunk = "\n".join(lines[first:last])
        if len(gone) == MAX_LEFT_OUT or not chunk.strip() or not among(error):
            return None
        gone.append(chunk)
        lines[first:last] = [" " * len(line) for line in lines[first:last]]
        error = find_syntax_error("\n".join(lines))
    return SalvagedCode("\n".join(lines), tuple(gone))


def is_newer_f_string(error: SyntaxError) -> bool:
    """Whether the fault may be an f-string that only a newer Python reads."""
    return sys.version_info < (3, 12) and (error.msg or "").startswith("f-string")


def _statement_lines(lines: list[str], number: int) -> tuple[int, int]:
    """First line, and the one after the last, of the top-level statement around a line."""
    first = min(max(number, 0), len(lines) - 1)
    while first > 0 and (not lines[first].strip() or _CONTINUATION.match(lines[first])):
        first -= 1
    last = first + 1
    while last < len(lines) and (not lines[last].strip() or _CONTINUATION.match(lines[last])):
        last += 1
    return first, last
