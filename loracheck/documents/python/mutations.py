"""Finds the names that stand for a list or mapping which the program changes after it was written.

A literal bound to a name is what the name stands for only while nothing changes it in place, under
this name or another. What is unclear counts as changed: its value is then unknown, not wrong.
"""

from __future__ import annotations

import ast

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .syntax import list_children

if TYPE_CHECKING:
    from .bindings import Scope

MUTATORS = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "clear", "update", "setdefault"),
        *("popitem", "add", "discard", "sort", "reverse", "__setitem__"),
    }
)
_KEEPERS = frozenset({"append", "insert", "setdefault", "add"})
"""Methods that put what they are given into their owner as it is."""


class _Flow(NamedTuple):
    """Says that `target` may be bound to the value of a name in the expression, or to a part of it.
    A target that starts with a dot is that attribute of any object.
    """

    target: str
    scope: Scope
    expression: ast.AST


class MutationTracker:
    """Collects the changes during one walk over the syntax tree; `spread` then marks the changed
    names in their scopes.
    """

    def __init__(self) -> None:
        self.attributes: set[str] = set()
        self.defined: set[str] = set()
        self.stores: list[tuple[str, str, Scope]] = []
        self.values: dict[str, list[tuple[ast.expr, Scope]]] = {}
        self._flows: list[_Flow] = []
        self._calls: list[tuple[ast.Call, Scope]] = []
        self._found: list[tuple[str, Scope]] = []

    def note_flow(self, target: ast.AST, scope: Scope, expression: ast.AST) -> None:
        """Note that `target` is bound to `expression`, or to something in it."""
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self._flows.append(_Flow(node.id, scope, expression))
            elif isinstance(node, ast.Attribute):
                self._flows.append(_Flow(f".{node.attr}", scope, expression))
            elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
                self._flows.append(_Flow(node.name, scope, expression))

    def store(self, target: ast.Attribute, scope: Scope) -> None:
        """Note that an attribute is assigned to."""
        self.attributes.add(target.attr)
        if isinstance(target.value, ast.Name):
            self.stores.append((target.value.id, target.attr, scope))

    def put(self, attribute: str, value: ast.expr, scope: Scope) -> None:
        """Note that `x.attribute = value` is done for some object x."""
        self.values.setdefault(attribute, []).append((value, scope))

    def change(self, target: ast.AST, scope: Scope) -> None:
        """Note that the value of `target` is changed in place, and with it all that it is part
        of.
        """
        while isinstance(target, (ast.Subscript, ast.Attribute)):
            if isinstance(target, ast.Attribute):
                self.store(target, scope)
                self._found.append((f".{target.attr}", scope))
            target = target.value
        self._found += [(n.id, scope) for n in ast.walk(target) if isinstance(n, ast.Name)]

    def call(self, node: ast.Call, scope: Scope) -> None:
        """Note what a call may change: the owner of a method such as `append`, the arguments of a
        function of the file.
        """
        self._calls.append((node, scope))
        if isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            self.change(node.func.value, scope)
            if node.func.attr in _KEEPERS:
                for argument in node.args:
                    self.note_flow(node.func.value, scope, argument)

    def spread(self) -> None:
        """Mark all names in all scopes whose value may have been changed."""
        for node, scope in self._calls:
            if self._is_own(node.func, scope):
                arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
                self._found += [
                    (n, scope) for part in arguments for n in self._list_names(part, scope)
                ]
        sources: dict[tuple[Scope | None, str], list[_Flow]] = {}
        for flow in self._flows:
            sources.setdefault(_build_key(flow.target, flow.scope), []).append(flow)
        seen: set[tuple[Scope | None, str]] = set()
        while self._found:
            key = _build_key(*self._found.pop())
            if key in seen:
                continue
            seen.add(key)
            if key[0] is not None:
                key[0].mutated.add(key[1])
            for flow in sources.get(key, ()):
                names = self._list_names(flow.expression, flow.scope)
                self._found += [(name, flow.scope) for name in names]

    def _is_own(self, function: ast.expr, scope: Scope) -> bool:
        """Whether a function may be defined in the file. Functions of libraries are trusted to
        change nothing.
        """
        if isinstance(function, ast.Attribute):
            return function.attr in self.defined
        if not isinstance(function, ast.Name):
            return True
        owner = scope.find_owner(function.id)
        bindings = owner.bindings[function.id] if owner is not None else []
        return any(binding.origin is None for binding in bindings)

    def _list_names(self, expression: ast.AST, scope: Scope) -> list[str]:
        """The names whose values may be (part of) the expression's value, attributes with a dot."""
        names: list[str] = []
        stack = [expression]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Call):
                stack += self._list_passed_on(node, scope)
                continue
            if isinstance(node, ast.Name):
                names.append(node.id)
            elif isinstance(node, ast.Attribute):
                names.append(f".{node.attr}")
            stack += list_children(node)
        return names

    def _list_passed_on(self, call: ast.Call, scope: Scope) -> list[ast.AST]:
        """The expressions that a call's result may be a part of: all arguments for a function of
        the file or a builtin (`zip`), the owner for a method (`d.get("k")`), none for an
        imported function, which makes a new object.
        """
        owner = [call.func.value] if isinstance(call.func, ast.Attribute) else []
        name = call.func.id if isinstance(call.func, ast.Name) else None
        builtin = name is not None and scope.find_owner(name) is None
        if builtin or self._is_own(call.func, scope):
            return [*owner, *call.args, *(keyword.value for keyword in call.keywords)]
        return [*owner]


def _build_key(name: str, scope: Scope) -> tuple[Scope | None, str]:
    return (None if name.startswith(".") else scope.find_owner(name)), name
