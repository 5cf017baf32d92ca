"""Which bindings of a name can hold at a place, by the branches that they stand in."""

from __future__ import annotations

import ast

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .bindings import Binding

MAX_BRANCHES = 500
"""In a file with more branches than these the order of its text alone counts."""


class _Branch(NamedTuple):
    """A part of a statement that may not run."""

    statement: int
    number: int
    first: int
    last: int


class Branches:
    """The branches of a module: of the branches of one statement at most one runs."""

    def __init__(self) -> None:
        self._branches: list[_Branch] = []
        self._guards: dict[str, list[tuple[int, int]]] = {}
        self._statements = 0

    def add(self, *bodies: Sequence[ast.stmt]) -> None:
        """Note the branches of a statement."""
        self._statements += 1
        self._branches += [
            _Branch(self._statements, number, body[0].lineno, body[-1].end_lineno or 0)
            for number, body in enumerate(bodies)
            if body
        ]

    def add_if(self, statement: ast.If) -> None:
        """Note the branches of an `if`, and the lines that run only where its test holds, by the
        names that it asks for.
        """
        self.add(statement.body, statement.orelse)
        lines = (statement.body[0].lineno, statement.body[-1].end_lineno or 0)
        for node in ast.walk(statement.test):
            if isinstance(node, (ast.Name, ast.Attribute)):
                name = node.id if isinstance(node, ast.Name) else node.attr
                self._guards.setdefault(name, []).append(lines)

    def is_guarded(self, name: str, line: int) -> bool:
        """Whether a line runs only where a test of the name (a dotted one's last part) holds."""
        return any(first <= line <= last for first, last in self._guards.get(name, ()))

    def _find_branches_around(self, line: int) -> dict[int, int]:
        return {b.statement: b.number for b in self._branches if b.first <= line <= b.last}

    def select(self, bindings: list[Binding], line: int) -> list[Binding]:
        """Those of the bindings of a name, all in the scope of the line and in the order of the
        text, that may hold at the line: none of another branch of the same statement, and none
        before one that runs whenever the line does.
        """
        ends = [binding.end[0] for binding in bindings if binding.end is not None]
        if len(ends) < len(bindings) or len(self._branches) > MAX_BRANCHES:
            return bindings
        here = self._find_branches_around(line)
        selected: list[Binding] = []
        for binding, end in zip(bindings, ends, strict=True):
            there = self._find_branches_around(end)
            if any(here.get(statement, number) != number for statement, number in there.items()):
                continue
            if there.keys() <= here.keys() and end < line:
                selected.clear()
            selected.append(binding)
        return selected or bindings
