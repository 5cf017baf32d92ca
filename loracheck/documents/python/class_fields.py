"""The default of a field of a module's class: what its body or its `__init__` writes, followed
through the classes that its fields are declared to be of (`Config.model.name`).
"""

from __future__ import annotations

import ast

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .call_index import get_last_name
from .likely_values import get_field_default
from .made_objects import get_declared_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .bindings import Binding, Scope
    from .call_index import ScopedExpression
    from .walked_module import WalkedModule

MAX_BASES = 5
"""Classes that a class inherits from, one by one."""


class _Field(NamedTuple):
    """A place that gives a field of a class its value."""

    annotation: ast.expr | None
    value: ast.expr | None
    scope: Scope


def find_class(module: WalkedModule, node: ast.expr | None) -> ast.ClassDef | None:
    """The class of the module that an expression names, or makes an object of without arguments; a
    name may be bound to such an object.
    """
    bindings = _list_bindings(module, node)
    made = bindings[0].value if len(bindings) == 1 else None
    if isinstance(made, ast.Call):
        node = made
    if isinstance(node, ast.Call) and not (node.args or node.keywords):
        bindings = _list_bindings(module, node.func)
    return bindings[0].class_definition if len(bindings) == 1 else None


def _list_bindings(module: WalkedModule, node: ast.expr | None) -> list[Binding]:
    return module.scope.bindings.get(node.id, []) if isinstance(node, ast.Name) else []


def find_default(
    module: WalkedModule, body: ast.ClassDef, names: Sequence[str]
) -> ScopedExpression | None:
    """The expression for the default of a field of the class, or of a field of that and so on; None
    where it is not written in one place.
    """
    for number, name in enumerate(names):
        field = _find_field(module, body, name)
        if field is None:
            return None
        if number == len(names) - 1:
            return (field.value, field.scope) if field.value is not None else None
        declared = get_declared_class(field.annotation)
        inner = find_class(module, field.value) or find_class(module, declared)
        if inner is None:
            return None
        body = inner
    return None


def _find_field(module: WalkedModule, body: ast.ClassDef, name: str) -> _Field | None:
    for _ in range(MAX_BASES):
        fields = list(_iterate_fields(module, body, name))
        if fields:
            return fields[0] if len(fields) == 1 else None
        base = find_class(module, body.bases[0]) if len(body.bases) == 1 else None
        if base is None:
            return None
        body = base
    return None


def _iterate_fields(module: WalkedModule, body: ast.ClassDef, name: str) -> Iterator[_Field]:
    """All places that give the field a value: in the body of the class, and by its methods."""
    scope = module.classes[body]
    for statement in body.body:
        if isinstance(statement, ast.Assign):
            targets, annotation = statement.targets, None
        elif isinstance(statement, ast.AnnAssign):
            targets, annotation = [statement.target], statement.annotation
        else:
            continue
        if any(isinstance(one, ast.Name) and one.id == name for one in targets):
            value = statement.value and get_field_default(statement.value)
            yield _Field(annotation, value, scope)
    for one in module.attributes.get(name, ()):
        if one.scope.find_enclosing_class() is scope and get_last_name(one.owner) == "self":
            yield _Field(None, one.source if one.part is None else None, one.scope)
