"""The loops and the branches of a Python text, which say whether of two places both can run, and
one more than once. Read on demand.
"""

from __future__ import annotations

import ast

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .parsed_module import ParsedModule

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


def read_blocks(module: ParsedModule | None) -> Blocks:
    """The blocks of a module; none for None, a text that cannot be read."""
    if module is None:
        return Blocks()
    loops = [
        _find_stretch(module, [loop])
        for loop in module.find_nodes(ast.For, ast.AsyncFor, ast.While)
    ]
    branches: list[tuple[Stretch, ...]] = []
    for node in module.find_nodes(ast.If, ast.Try, ast.Match):
        bodies = [body for body in _list_bodies(node) if body]
        if len(bodies) > 1:
            branches.append(tuple(_find_stretch(module, body) for body in bodies))
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


def _find_stretch(module: ParsedModule, body: Sequence[ast.stmt]) -> Stretch:
    return module.find_place(body[0]).start, module.find_place(body[-1]).end
