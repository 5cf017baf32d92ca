"""Mappings that a script's values most likely come from: a configuration file that it loads, what
hydra gives its main function, an object of a class of another file of the project.
"""

from __future__ import annotations

import ast
from functools import cached_property

from loracheck.type_checking import TYPE_CHECKING

from .call_index import CallIndex
from .folding import Folder
from .operations import has_unknown
from .origin import FoldedValue, Origin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .bindings import Parameter, Scope
    from .call_index import ScopedExpression


class MappingFollower(Folder):
    """A Folder that goes on at such a mapping. Notes in `_assumed` that another one may be given
    when the script is run.
    """

    _assumed = False
    _loading: Sequence[ast.Call] = ()
    """The calls whose path is being worked out."""

    def _follow_path(self, path: ScopedExpression, loading: Sequence[ast.Call]) -> str | None:
        """The text of a path; `loading` are the calls within which it is asked for."""
        raise NotImplementedError

    def _fold_loaded_file(self, node: ast.Call, scope: Scope) -> FoldedValue | None:
        """What is in a configuration file that the call loads; None where it is not known."""
        from .loaded_files import find_path

        path_expression = None if node in self._loading else find_path(node, scope, self)
        if path_expression is None and node not in self._loading:
            path_expression = self._find_path_of_import(node, scope)
        if path_expression is None:
            return None
        path = self._follow_path(path_expression, [*self._loading, node])
        value = self.loaded(path) if path is not None else ...
        if value is ...:
            return None
        self._assumed = True  # another file may be given when the script is run
        return FoldedValue(value, Origin(node))

    def _find_path_of_import(self, node: ast.Call, scope: Scope) -> ScopedExpression | None:
        """The path that a call gives to another file's function which loads what it names."""
        name = self.get_dotted_name(node.func, scope) or ""
        if not self.is_bound_by_import(node.func, scope):
            return None
        parameter = self.imported(name, loader=True)
        path = None if parameter is ... else parameter.find_argument(node)
        return (path, scope) if path is not None else None

    def _fold_given_mapping(self, parameter: Parameter | None) -> FoldedValue | None:
        """The mapping that hydra, or the one call of the file, gives a parameter."""
        if parameter is None or parameter in self._names:
            return None
        from .loaded_files import find_hydra_path

        path = find_hydra_path(parameter, self)
        value = self.loaded(path, composed=True) if path is not None else ...
        if value is not ...:
            self._assumed = True
            return FoldedValue(value, Origin(parameter.function))
        arguments = list(self._index.list_given_arguments(parameter))
        return self._fold_mapping(parameter, arguments)

    def _fold_mapping(
        self, name: object, arguments: Sequence[ScopedExpression]
    ) -> FoldedValue | None:
        """The mapping that the one expression is which something gets its value from."""
        if len(arguments) != 1 or name in self._names:
            return None
        self._names.append(name)
        try:
            folded = self.fold(*arguments[0])
        finally:
            self._names.pop()
        return folded if isinstance(folded.value, dict) else None

    def _fold_entry(self, node: ast.Attribute, scope: Scope) -> FoldedValue | None:
        """An entry of a mapping that OmegaConf or hydra has loaded, `config.model.name`; or a field
        of an object that is made of another file's class.
        """
        made = self._fold_made_value(node, scope)
        if made is not None:
            return made
        parts, inner = [node.attr], node.value
        while isinstance(inner, ast.Attribute):
            parts.insert(0, inner.attr)
            inner = inner.value
        owner = scope.find_owner(inner.id) if isinstance(inner, ast.Name) else None
        bindings = owner.bindings[inner.id] if owner and isinstance(inner, ast.Name) else []
        if owner is None or len(bindings) != 1:
            return None
        bound_value, parameter = bindings[0].value, bindings[0].parameter
        if not isinstance(bound_value, ast.Call) and parameter is None:
            return None
        before = self._assumed
        value = self._fold_owner(inner, scope, parameter)
        for part in parts:
            value = value.get(part) if isinstance(value, dict) else None
        if value is None:
            self._assumed = before
        return None if value is None else FoldedValue(value, Origin(node))

    def _fold_made_value(self, node: ast.Attribute, scope: Scope) -> FoldedValue | None:
        """A field of an object that another file's class makes: what its call is given, else the
        default that the class has for it.
        """
        from .made_objects import find_made_value

        made = find_made_value(node, scope, self)
        if made is None:
            return None
        if made.given is not None:
            folded = self.fold(*made.given)
            return None if has_unknown(folded.value) else folded
        value = self.imported(made.name, likely=True)
        self._assumed = self._assumed or value is not ...
        return None if value is ... else FoldedValue(value, Origin(node))

    def _fold_owner(self, node: ast.expr, scope: Scope, parameter: Parameter | None) -> Any:
        """The mapping that a name is bound to: by a call, or as a parameter."""
        if parameter is None:
            return self.fold(node, scope).value
        mapping = self._fold_given_mapping(parameter)
        return mapping.value if mapping is not None else None

    def _fold_likely_import(self, node: ast.Attribute, scope: Scope) -> FoldedValue | None:
        """The default that another file of the project gives for a field of what it makes."""
        name = self.get_dotted_name(node, scope) or ""
        if node.attr in self.module.changes.attributes or not self.is_bound_by_import(node, scope):
            return None
        value = self.imported(name, likely=True)
        self._assumed = self._assumed or value is not ...
        return None if value is ... else FoldedValue(value, Origin(node))

    @cached_property
    def _index(self) -> CallIndex:
        return CallIndex(self.module)
