"""Reads the calls of a Python module (`uses.py`), on demand; nothing is executed."""

from __future__ import annotations

import ast
from types import MappingProxyType

from loracheck.type_checking import TYPE_CHECKING

from .declared_fields import read_declared_fields
from .uses import Operand, Script, Use, build_script

if TYPE_CHECKING:
    from typing import Any

    from .bindings import Binding, Scope
    from .parsed_module import ParsedModule

MAX_CALLS = 5_000
"""A text with more calls is no script that somebody reads."""


def read_script(module: ParsedModule | None) -> Script:
    """The calls of a module; an empty Script for None, a text that cannot be read."""
    if module is None or len(module.walked.calls) > MAX_CALLS:
        return Script()
    return _Reader(module).read()


class _Reader:
    def __init__(self, syntax: ParsedModule) -> None:
        self.syntax = syntax
        self.module = syntax.walked
        self.folder = syntax.make_folder()
        self.numbers = {call: number for number, (call, _) in enumerate(syntax.calls)}
        self.scopes: dict[Scope, int] = {}
        self.dead = _find_dead_calls(syntax)

    def read(self) -> Script:
        variables = _find_results(self.syntax)
        read = self.syntax.find_nodes(ast.Name)
        names = frozenset(node.id for node in read if isinstance(node.ctx, ast.Load))
        uses = tuple(
            self._use(call, scope, variables.get(call, ())) for call, scope in self.syntax.calls
        )
        declared = read_declared_fields(self.syntax)
        return build_script(uses, names | _list_exports(self.syntax.tree), declared)

    def _use(self, call: ast.Call, scope: Scope, variables: tuple[str, ...] | None) -> Use:
        arguments: dict[str | int, Operand] = {}
        for index, argument in enumerate(call.args):
            if isinstance(argument, ast.Starred):
                break
            arguments[index] = self._build_operand(argument, scope)
        complete = not any(isinstance(argument, ast.Starred) for argument in call.args)
        for keyword in call.keywords:
            if keyword.arg is not None:
                arguments[keyword.arg] = self._build_operand(keyword.value, scope)
                continue
            entries = self._unpack_mapping(keyword.value, scope)
            arguments.update(entries or {})
            complete = complete and entries is not None
        func = call.func
        owner = func.value if isinstance(func, ast.Attribute) else None
        return Use(
            self.folder.get_dotted_name(func, scope)
            or (func.attr if isinstance(func, ast.Attribute) else ""),
            self._build_operand(owner, scope) if owner is not None else Operand(),
            MappingProxyType(arguments),
            complete,
            variables,
            self.scopes.setdefault(scope, len(self.scopes)),
            call in self.dead
            or any(
                part.lineno <= call.lineno <= (part.end_lineno or 0) for part in self.module.failing
            ),
            self.syntax.find_place(func),
            self.numbers[call],
            self._build_operand(func, scope) if isinstance(func, ast.Name) else None,
        )

    def _unpack_mapping(self, node: ast.expr, scope: Scope) -> dict[str, Operand] | None:
        """The arguments that `**node` gives; None where the file does not write them all out."""
        folded = self.folder.fold_mapping(node, scope)
        nodes = {key: child.node for key, child in folded.origin.children.items()} if folded else {}
        if folded is None or nodes.keys() != folded.value.keys():
            return None
        return {
            key: self._build_operand(value, scope) if isinstance(value, ast.expr) else Operand()
            for key, value in nodes.items()
        }

    def _build_operand(self, node: ast.expr, scope: Scope) -> Operand:
        if isinstance(node, ast.Call):
            return Operand(call_number=self.numbers.get(node, -1))
        if isinstance(node, ast.Attribute):
            return Operand(path=self.folder.get_dotted_name(node, scope) or "")
        if isinstance(node, ast.IfExp):
            return self._build_choice(node, scope)
        if not isinstance(node, ast.Name):
            return Operand(value=self._evaluate(node, scope))
        bindings = self._find_bindings(node, scope)
        source = bindings[0].source if len(bindings) == 1 else None
        if len(bindings) > 1 and all(isinstance(one.source, ast.Call) for one in bindings):
            calls = [one.source for one in bindings if isinstance(one.source, ast.Call)]
            numbers = tuple(self.numbers.get(call, -1) for call in calls)
            return Operand(node.id, choice_call_numbers=numbers)
        if isinstance(source, ast.Call):
            return Operand(node.id, None, self.numbers.get(source, -1))
        if isinstance(source, ast.Tuple) and [type(one) for one in source.elts] == [ast.Call]:
            return Operand(node.id, tuple_call_number=self.numbers.get(source.elts[0], -1))  # type: ignore[call-overload]
        if isinstance(source, ast.Attribute):
            return Operand(node.id, path=self.folder.get_dotted_name(source, scope) or "")
        return Operand(node.id, _evaluate_literal(source) if source is not None else None)

    def _build_choice(self, node: ast.IfExp, scope: Scope) -> Operand:
        """The operand of `a if test else b`, of which one may be None."""
        parts = [part for part in (node.body, node.orelse) if not _is_none(part)]
        if len(parts) != 1:
            return Operand()
        return Operand(optional_call_number=self._build_operand(parts[0], scope).call_number)

    def _evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """The value of a constant, or of a list of constants and of variables that are constants;
        None for anything else.
        """
        if not isinstance(node, ast.List) or not any(isinstance(e, ast.Name) for e in node.elts):
            return _evaluate_literal(node)
        values = [self._build_operand(entry, scope).value for entry in node.elts]
        return None if None in values else values

    def _find_bindings(self, node: ast.Name, scope: Scope) -> list[Binding]:
        """The bindings that the variable may have here."""
        owner = scope.find_owner(node.id)
        if owner is None:
            return []
        reaching = scope.find_reaching_bindings(node.id, owner, (node.lineno, node.col_offset))
        return self.module.branches.select(reaching, node.lineno) if owner is scope else reaching


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _find_dead_calls(module: ParsedModule) -> frozenset[ast.Call]:
    """The calls under an `if` whose test is False or 0, as notebooks keep choices to switch on."""
    dead: set[ast.Call] = set()
    for node in module.find_nodes(ast.If):
        if isinstance(node.test, ast.Constant) and not node.test.value:
            for part in node.body:
                dead.update(call for call in ast.walk(part) if isinstance(call, ast.Call))
    return frozenset(dead)


def _find_results(module: ParsedModule) -> dict[ast.Call, tuple[str, ...] | None]:
    """What becomes of the results of the calls that are a whole statement's value."""
    results: dict[ast.Call, tuple[str, ...] | None] = {}
    for statement in module.find_nodes(ast.Expr):
        if isinstance(statement.value, ast.Call):
            results[statement.value] = None
    for assignment in module.find_nodes(ast.Assign):
        if isinstance(assignment.value, ast.Call):
            names = [name for one in assignment.targets for name in _names(one)]
            results[assignment.value] = tuple(names)
    for annotated in module.find_nodes(ast.AnnAssign):
        if isinstance(annotated.value, ast.Call):
            results[annotated.value] = tuple(_names(annotated.target))
    return results


def _names(target: ast.expr) -> list[str]:
    """The variables of an assignment's target; an attribute is none that can be followed."""
    if isinstance(target, ast.Name):
        return [target.id]
    parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
    return [part.id for part in parts if isinstance(part, ast.Name)]


def _evaluate_literal(node: ast.expr) -> Any:
    """The value of a constant, or of a display of constants; None for anything else."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _list_exports(tree: ast.Module) -> frozenset[str]:
    """The names that `__all__` gives to other files."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and "__all__" in _names(node.targets[0]):
            value = _evaluate_literal(node.value)
            return frozenset(map(str, value)) if isinstance(value, (list, tuple)) else frozenset()
    return frozenset()
