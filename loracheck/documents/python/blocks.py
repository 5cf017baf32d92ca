"""The loops and the branches of a Python text, which say whether of two places both can run, and
one more than once. Read on demand, by a parse of its own.
"""

from __future__ import annotations

import ast

from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .spans import compute_node_offsets
from .syntax import parse_syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

Stretch = tuple[int, int]
"""Where something begins and ends, in characters of the text."""


class Blocks(NamedTuple):
    """The loops and the branches of a text."""

    loops: tuple[Stretch, ...] = ()
    """The bodies of `for` and `while` with their heads, the outer before the inner."""

    branches: tuple[tuple[Stretch, ...], ...] = ()
    """The bodies of each `if`, `try` and `match` of which one runs in the place of another."""

    def find_loop(self, place: int) -> Stretch | None:
        """The innermost loop around a place."""
        around = [loop for loop in self.loops if loop[0] <= place < loop[1]]
        return around[-1] if around else None

    def exclude(self, one: int, other: int) -> bool:
        """Whether two places stand in branches of which only one runs."""
        for bodies in self.branches:
            numbers = [
                next((n for n, (start, end) in enumerate(bodies) if start <= place < end), None)
                for place in (one, other)
            ]
            if None not in numbers and numbers[0] != numbers[1]:
                return True
        return False


def read_blocks(text: str) -> Blocks:
    """The blocks of a text; none of a text that cannot be read."""
    try:
        tree = parse_syntax(text)
    except DocumentError:
        return Blocks()
    lines = Lines(text)
    loops: list[Stretch] = []
    branches: list[tuple[Stretch, ...]] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            loops.append(compute_node_offsets(lines, node))
        bodies = [body for body in _list_bodies(node) if body]
        if len(bodies) > 1:
            branches.append(tuple(_find_stretch(lines, body) for body in bodies))
    return Blocks(tuple(sorted(loops)), tuple(branches))


def _list_bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The bodies of a statement of which one runs in the place of another."""
    if isinstance(node, ast.If):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.Try):
        yield node.body
        yield from (handler.body for handler in node.handlers)
    elif isinstance(node, ast.Match):
        yield from (case.body for case in node.cases)


def _find_stretch(lines: Lines, body: list[ast.stmt]) -> Stretch:
    start, _ = compute_node_offsets(lines, body[0])
    return start, compute_node_offsets(lines, body[-1])[1]
