"""The calls of a module by what they call, and what a function's parameter is given by them."""

from __future__ import annotations

import ast
from functools import cached_property

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .bindings import Parameter, Scope
    from .walked_module import WalkedModule

ScopedExpression = tuple[ast.expr, "Scope"]
"""An expression and the scope that it stands in."""


class Method(NamedTuple):
    """The name that a function is called by, and how many of its parameters the call itself fills
    (`self`).
    """

    name: str
    skipped: int


class CallIndex:
    """Finds the calls of a module's functions, by the last part of their names."""

    def __init__(self, module: WalkedModule) -> None:
        self._module = module

    @cached_property
    def calls(self) -> dict[str, list[tuple[ast.Call, Scope]]]:
        """All calls by the last part of what they call."""
        calls_by_name: dict[str, list[tuple[ast.Call, Scope]]] = {}
        for call, scope in self._module.calls:
            calls_by_name.setdefault(get_last_name(call.func), []).append((call, scope))
        return calls_by_name

    @cached_property
    def _methods(self) -> dict[ast.AST, Method]:
        methods: dict[ast.AST, Method] = {}
        for body in self._module.classes:
            for part in body.body:
                if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    free = any(get_last_name(one) == "staticmethod" for one in part.decorator_list)
                    name = body.name if part.name == "__init__" else part.name
                    methods[part] = Method(name, 0 if free else 1)
        return methods

    def list_callers(self, parameter: Parameter) -> list[tuple[ast.Call, Scope]]:
        """The calls of the function that a parameter belongs to."""
        function = parameter.function
        if isinstance(function, ast.Lambda):
            return []
        return self.calls.get(self._methods.get(function, Method(function.name, 0)).name, [])

    def list_given_arguments(self, parameter: Parameter) -> Iterator[ScopedExpression]:
        """What the module's own calls give a parameter; nothing for a call that leaves it out."""
        function = parameter.function
        if isinstance(function, ast.Lambda):
            return
        skipped = self._methods.get(function, Method("", 0)).skipped
        positional = [a.arg for a in [*function.args.posonlyargs, *function.args.args]]
        index = positional.index(parameter.name) - skipped if parameter.name in positional else -1
        for call, scope in self.list_callers(parameter):
            keyword = next((k.value for k in call.keywords if k.arg == parameter.name), None)
            if keyword is not None:
                yield keyword, scope
            elif 0 <= index < len(call.args) and not isinstance(call.args[index], ast.Starred):
                yield call.args[index], scope


def get_last_name(node: ast.expr) -> str:
    """The last part of a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
