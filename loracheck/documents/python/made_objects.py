"""What a script's object is made of where a class of another file of the project makes it: the
class, or the expression that its call is given for an attribute.

Followed are names, attributes that a class sets once (`self.config = config`), what the file's own
calls give a parameter and, where none of them does, the class that the parameter is declared to be
of. A call whose arguments do not tell the attribute (`**settings`) makes nothing that is known.
"""

from __future__ import annotations

import ast

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .call_index import CallIndex, get_last_name

if TYPE_CHECKING:
    from .bindings import Parameter, Scope
    from .call_index import ScopedExpression
    from .folding import Folder

MAX_STEPS = 12
"""Names, attributes and calls on the way to the class."""


MAX_CALLERS = 4
"""Calls of a function that may give it one object."""


class MadeValue(NamedTuple):
    """What stands for an attribute of an object: one of the two."""

    name: str = ""
    """The class of another file and the attributes of its object, dotted."""

    given: ScopedExpression | None = None
    """What the call of the class is given for it."""


def find_made_value(node: ast.Attribute, scope: Scope, folder: Folder) -> MadeValue | None:
    """What stands for an attribute of an object that another file's class makes; None for any
    other object, and where the file itself sets the attribute from outside of a class.
    """
    stores = folder.module.attributes.get(node.attr, ())
    if any(get_last_name(one.owner) != "self" for one in stores):
        return None
    return _ValueFinder(folder).find(node, scope, (), MAX_STEPS)


def get_declared_class(annotation: ast.expr | None) -> ast.expr | None:
    """The class that an annotation names: `X`, `"X"`, `X | None`, `Optional[X]`."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value[:200], mode="eval").body
        except (SyntaxError, ValueError):
            return None
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.right, ast.Constant):
        annotation = annotation.left
    if isinstance(annotation, ast.Subscript) and get_last_name(annotation.value) == "Optional":
        annotation = annotation.slice
    return annotation if isinstance(annotation, (ast.Name, ast.Attribute)) else None


class _ValueFinder:
    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._index = CallIndex(folder.module)

    def find(
        self, node: ast.expr, scope: Scope, attributes: tuple[str, ...], steps: int
    ) -> MadeValue | None:
        """What stands for the attributes of the object that an expression gives."""
        while steps > 0:
            steps -= 1
            expression: ScopedExpression | None = None
            if isinstance(node, ast.Call):
                return self._find_in_call(node, scope, attributes, steps)
            if isinstance(node, ast.Attribute):
                expression = self._find_set_once(node, scope)
                if expression is None:
                    attributes = (node.attr, *attributes)
                    expression = node.value, scope
            elif isinstance(node, ast.Name):
                owner = scope.find_owner(node.id)
                bindings = owner.bindings[node.id] if owner is not None else []
                if owner is None or len(bindings) != 1:
                    return None
                if bindings[0].parameter is not None:
                    return self._find_for_parameter(bindings[0].parameter, attributes, steps)
                expression = (bindings[0].value, owner) if bindings[0].value is not None else None
            if expression is None:
                return None
            node, scope = expression
        return None

    def _find_set_once(self, node: ast.Attribute, scope: Scope) -> ScopedExpression | None:
        """The expression for `self.x`, where the class sets it in one place."""
        within = scope.find_enclosing_class()
        if get_last_name(node.value) != "self" or within is None:
            return None
        stores = self._folder.module.attributes.get(node.attr, ())
        own_stores = [one for one in stores if one.scope.find_enclosing_class() is within]
        if (
            len(own_stores) != 1
            or own_stores[0].part is not None
            or get_last_name(own_stores[0].owner) != "self"
        ):
            return None
        return own_stores[0].source, own_stores[0].scope

    def _find_in_call(
        self, call: ast.Call, scope: Scope, attributes: tuple[str, ...], steps: int
    ) -> MadeValue | None:
        named = {word.arg: word.value for word in call.keywords}
        if not attributes or call.args or None in named:
            return None
        name = self._get_imported_name(call.func, scope)
        if name is None:
            return None
        given = named.get(attributes[0])
        if given is None:
            return MadeValue(".".join([name, *attributes]))
        if len(attributes) == 1:
            return MadeValue(given=(given, scope))
        return self.find(given, scope, attributes[1:], steps)

    def _find_for_parameter(
        self, parameter: Parameter, attributes: tuple[str, ...], steps: int
    ) -> MadeValue | None:
        given = list(self._index.list_given_arguments(parameter))
        if given:
            some = given[:MAX_CALLERS]
            values = {self.find(one, scope, attributes, steps // 2) for one, scope in some}
            return values.pop() if len(values) == 1 and len(given) <= MAX_CALLERS else None
        if isinstance(parameter.function, ast.Lambda) or not attributes:
            return None
        args = parameter.function.args
        declared = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        note = next((one.annotation for one in declared if one.arg == parameter.name), None)
        cls = get_declared_class(note)
        name = self._get_imported_name(cls, self._folder.module.scope) if cls is not None else None
        return MadeValue(".".join([name, *attributes])) if name is not None else None

    def _get_imported_name(self, node: ast.expr, scope: Scope) -> str | None:
        imported = self._folder.is_bound_by_import(node, scope)
        return self._folder.get_dotted_name(node, scope) if imported else None
