"""The syntax tree of a Python text, also of a text with IPython's lines in it."""

from __future__ import annotations

import ast
import sys

from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError
from loracheck.documents.values import MAX_DIGITS
from loracheck.lazy_pattern import compile_when_used

from .ipython_lines import replace_magics
from .recovery import find_syntax_error, is_newer_syntax, parse_exactly, salvage

_IPYTHON = compile_when_used(r"[ \t]*[!%]")
"""How a line begins that only IPython reads."""


def parse_syntax(text: str) -> ast.Module:
    """The syntax tree of a text. Raises DocumentError where it is not Python."""
    try:
        try:
            return parse_exactly(text)
        except SyntaxError as error:
            return parse_exactly(_extract_readable_part(text, error))
    except (RecursionError, MemoryError):
        raise DocumentError("nested too deep to be read as Python") from None
    except ValueError as error:
        raise DocumentError(f"not readable as Python: {error}") from None


def list_children(node: ast.AST) -> list[ast.AST]:
    """The parts of a node, without those that have none of their own (`Load`, `Add`, `pass`)."""
    children: list[ast.AST] = []
    for field in node._fields:
        part = getattr(node, field, None)
        if type(part) is list:
            children += [one for one in part if isinstance(one, ast.AST) and one._fields]
        elif isinstance(part, ast.AST) and part._fields:
            children.append(part)
    return children


def list_nodes(tree: ast.AST) -> dict[type[ast.AST], list[ast.AST]]:
    """All nodes of a tree by their classes, the outer before the inner, without those that have no
    parts of their own.
    """
    found: dict[type[ast.AST], list[ast.AST]] = {}
    queue = [tree]
    for node in queue:  # grows
        found.setdefault(type(node), []).append(node)
        queue += list_children(node)
    return found


def _extract_readable_part(text: str, error: SyntaxError) -> str:
    """The readable part of a text that Python refuses: IPython's lines are blanked out, as a
    notebook saved as a script has them, and so are statements of a newer Python's.
    Raises DocumentError where the error is another one.
    """
    if _IPYTHON.match(Lines(text).line(error.lineno or 1)):
        code = replace_magics(text.replace("\r", " "))
        again = find_syntax_error(code)
        if again is None:
            return code
        text, error = code, again
    readable = salvage(text, error, is_newer_syntax) if is_newer_syntax(error) else None
    if readable is None:
        raise _build_syntax_error(text, error) from None
    return readable.code


def _build_syntax_error(text: str, error: SyntaxError) -> DocumentError:
    lines = Lines(text)
    line = min(max(error.lineno or 1, 1), len(lines.starts))
    column = min(max(error.offset or 1, 1), len(lines.line(line)) + 1)
    reason = (error.msg or "invalid syntax").rstrip(".")
    if "integer string conversion" in reason:
        reason = f"a whole number of more than {MAX_DIGITS:,} digits, which Python refuses to read"
    version = ".".join(map(str, sys.version_info[:2]))
    span = lines.at(lines.offset(line, column))
    return DocumentError(f"not valid Python {version}: {reason}", span)
