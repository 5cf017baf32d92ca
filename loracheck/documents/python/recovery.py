"""Reads a Python text that has a syntax error: it keeps the top-level statements around the error.

A notebook runs cell by cell, and one wrong statement in a cell says nothing about the LoRA settings
above it. The same serves under an older Python what 3.12 brought: f-strings (PEP 701), `type`
statements and type parameters (PEP 695).
"""

from __future__ import annotations

import ast
import sys
import warnings

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LEFT_OUT = 8
"""Statements that are left out before the text is given up."""

_CONTINUATION = compile_when_used(r"[\s)\]}#]|(?:else|elif|except|finally|case)\b")
"""How a line begins that belongs to the statement above it."""

_TYPE_PARAMETERS = compile_when_used(
    r"[ \t]*(?:type[ \t]+\w+[ \t]*[=\[]|(?:(?:async[ \t]+)?def|class)[ \t]+\w+[ \t]*\[)"
)
"""How a line begins that only Python 3.12 and later read (PEP 695)."""


class SalvagedCode(NamedTuple):
    """The text with the broken statements blanked out, of the same length, and the text of these
    statements.
    """

    code: str
    left_out: tuple[str, ...]


def find_syntax_error(code: str) -> SyntaxError | None:
    """The syntax error of a text, None where it is valid Python. Raises ValueError, RecursionError,
    MemoryError.
    """
    try:
        parse_exactly(code)
    except SyntaxError as error:
        return error
    return None


def parse_exactly(code: str) -> ast.Module:
    """The syntax tree of a text that is valid Python. Raises SyntaxError, ValueError,
    RecursionError, MemoryError.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" in somebody's string is theirs to be told
        return ast.parse(code)


def salvage(
    code: str, fault: SyntaxError, among: Callable[[SyntaxError], bool]
) -> SalvagedCode | None:
    """The text without the statements that have syntax errors. None where an error is not one that
    `among` accepts, or where nothing of the text is left. Raises like `find_syntax_error`.
    """
    error: SyntaxError | None = fault
    left_out: list[str] = []
    lines = code.split("\n")
    while error is not None:
        first, last = _find_statement_lines(lines, (error.lineno or 1) - 1)
        chunk = "\n".join(lines[first:last])
        if len(left_out) == MAX_LEFT_OUT or not chunk.strip() or not among(error):
            return None
        left_out.append(chunk)
        lines[first:last] = [" " * len(line) for line in lines[first:last]]
        error = find_syntax_error("\n".join(lines))
    return SalvagedCode("\n".join(lines), tuple(left_out))


def is_newer_syntax(error: SyntaxError) -> bool:
    """Whether the error may come from a statement that only a newer Python can read."""
    return sys.version_info < (3, 12) and (
        (error.msg or "").startswith("f-string")
        or _TYPE_PARAMETERS.match(error.text or "") is not None
    )


def _find_statement_lines(lines: list[str], number: int) -> tuple[int, int]:
    """The lines of the top-level statement around a line: the first, and the one after the last."""
    first = min(max(number, 0), len(lines) - 1)
    while first > 0 and (not lines[first].strip() or _CONTINUATION.match(lines[first])):
        first -= 1
    last = first + 1
    while last < len(lines) and (not lines[last].strip() or _CONTINUATION.match(lines[last])):
        last += 1
    return first, last
