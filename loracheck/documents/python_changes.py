"""Which names stand for a list or mapping that the program changes after it was written.

A literal bound to a name is what the name stands for only while nothing changes it in place, under
this name or another. What is unclear counts as changed: its value is then unknown, not wrong.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .python_scopes import Scope

MUTATORS = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "clear", "update", "setdefault"),
        *("popitem", "add", "discard", "sort", "reverse", "__setitem__"),
    }
)
_KEEPERS = frozenset({"append", "insert", "setdefault", "add"})
"""Methods that put what they are given into their owner as it is."""


class _Flow(NamedTuple):
    """What `target` stands for may be (part of) what a name of the expression stands for. A target
    that starts with a dot is an attribute of whatever it may be.
    """

    target: str
    scope: Scope
    expression: ast.AST


class Changes:
    """Collects changes during a walk; `spread` then marks the names in their scopes."""

    def __init__(self) -> None:
        self.attributes: set[str] = set()
        self.defined: set[str] = set()
        self._flows: list[_Flow] = []
        self._calls: list[tuple[ast.Call, Scope]] = []
        self._found: list[tuple[str, Scope]] = []

    def flow(self, target: ast.AST, scope: Scope, expression: ast.AST) -> None:
        """`target` is bound to `expression`, or to something in it."""
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self._flows.append(_Flow(node.id, scope, expression))
            elif isinstance(node, ast.Attribute):
                self._flows.append(_Flow(f".{node.attr}", scope, expression))
            elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
                self._flows.append(_Flow(node.name, scope, expression))

    def change(self, target: ast.AST, scope: Scope) -> None:
        """What `target` names is changed in place, and with it all that it is part of."""
        while isinstance(target, (ast.Subscript, ast.Attribute)):
            if isinstance(target, ast.Attribute):
                self.attributes.add(target.attr)
                self._found.append((f".{target.attr}", scope))
            target = target.value
        self._found += [(name, scope) for name in _names(target)]

    def call(self, node: ast.Call, scope: Scope) -> None:
        """A call: of a method that changes its owner, or of a function that may change what it is
        given.
        """
        self._calls.append((node, scope))
        if isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            self.change(node.func.value, scope)
            if node.func.attr in _KEEPERS:
                for argument in node.args:
                    self.flow(node.func.value, scope, argument)

    def spread(self) -> None:
        """Mark all names that may stand for something changed."""
        for node, scope in self._calls:
            if self._is_own(node.func, scope):
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                self._found += [(name, scope) for part in given for name in _names(part)]
        sources: dict[tuple[Scope | None, str], list[_Flow]] = {}
        for flow in self._flows:
            sources.setdefault(_key(flow.target, flow.scope), []).append(flow)
        seen: set[tuple[Scope | None, str]] = set()
        while self._found:
            key = _key(*self._found.pop())
            if key in seen:
                continue
            seen.add(key)
            if key[0] is not None:
                key[0].mutated.add(key[1])
            for flow in sources.get(key, ()):
                self._found += [(name, flow.scope) for name in _names(flow.expression)]

    def _is_own(self, function: ast.expr, scope: Scope) -> bool:
        """Whether a function may be the file's own: only others are trusted to change nothing."""
        if isinstance(function, ast.Attribute):
            return function.attr in self.defined
        if not isinstance(function, ast.Name):
            return True
        owner = scope.owner(function.id)
        bindings = owner.bindings[function.id] if owner is not None else []
        return any(binding.origin is None for binding in bindings)


def _key(name: str, scope: Scope) -> tuple[Scope | None, str]:
    return (None if name.startswith(".") else scope.owner(name)), name


def _names(expression: ast.AST) -> list[str]:
    """The names in an expression, and its attributes with a dot."""
    found = []
    for node in ast.walk(expression):
        if isinstance(node, ast.Name):
            found.append(node.id)
        elif isinstance(node, ast.Attribute):
            found.append(f".{node.attr}")
    return found
