"""Values of Python expressions, as far as they can be known from the text alone.

Known are the expressions of `expressions.py`, names whose bindings all have one value, attributes
of the file's plain classes, and calls of a few functions whose result depends on their arguments
alone. Everything else is `Unknown`, with its source text: unknown, not wrong.
"""

from __future__ import annotations

import ast

from loracheck.documents.model import Record
from loracheck.type_checking import TYPE_CHECKING

from . import operations
from .expressions import Expressions
from .known_calls import standardise_name
from .origin import CallResult, FoldedValue, Origin, with_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from loracheck.documents.values import Value

    from .bindings import Binding, Scope
    from .walked_module import WalkedModule

ENUMERATIONS = frozenset({"TaskType", "PeftType"})
"""Enumerations whose members are their own names (PEFT 0.21.2 utils/peft_types.py)."""


class Folder(Expressions):
    """Works out the values of the expressions of one module. `results` gives the root number of a
    call that is a root itself; `source` the text of a node; `imported` the value of a name of
    another file, by the dotted name that it is imported by, and Ellipsis where it is not known;
    `loaded` the mapping in a configuration file, by the path that the text has for it, likewise:
    what hydra composes, beginning with that file, where it is `composed`.
    """

    def __init__(
        self,
        module: WalkedModule,
        source: Callable[[ast.AST], str],
        results: dict[ast.Call, int],
        imported: Callable[..., Any] = lambda _, likely=False, loader=False: ...,
        loaded: Callable[..., Any] = lambda _, composed=False: ...,
    ) -> None:
        super().__init__(source)
        self.imported = imported
        self.loaded = loaded
        self.module = module
        self.results = results
        self._names: list[object] = []
        self._items: dict[str, FoldedValue] = {}
        self._imports: dict[tuple[Scope, str], str | None] = {}

    def get_parts(self) -> tuple[Any, ...]:
        """What another Folder of the same document is made of."""
        return self.module, self.source, self.results, self.imported, self.loaded

    def fold_mapping(self, node: ast.expr, scope: Scope) -> FoldedValue | None:
        """A folded `**` operand; None where it is not a mapping with string keys."""
        folded = self.fold(node, scope)
        if isinstance(folded.value, dict) and all(isinstance(k, str) for k in folded.value):
            return folded
        return None

    def get_dotted_name(self, node: ast.expr, scope: Scope) -> str | None:
        """The dotted name of what is called or referred to, through the file's imports. A name that
        the file defines itself starts with "<local>"; None for what is no name.
        """
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        owner = scope.find_owner(node.id)
        first = node.id
        if owner is not None:
            first = self._find_import(node.id, owner) or f"<local>.{node.id}"
        return standardise_name(".".join([first, *reversed(parts)]))

    def _find_import(self, name: str, owner: Scope) -> str | None:
        """What a scope imports under a name; None where nothing does. It is looked for once: a name
        may have thousands of bindings, and as many uses.
        """
        if (owner, name) not in self._imports:
            origins = (one.origin for one in owner.bindings[name] if one.origin is not None)
            self._imports[owner, name] = next(origins, None)
        return self._imports[owner, name]

    def _build_unknown(self, node: ast.expr) -> FoldedValue:
        call = self.results.get(node) if isinstance(node, ast.Call) else None
        if call is None:
            return super()._build_unknown(node)
        return FoldedValue(CallResult(self.source(node), call), Origin(node))

    def _Name(self, node: ast.Name, scope: Scope) -> FoldedValue | None:  # noqa: N802
        if node.id in self._items:
            return self._place_at_node(node, self._items[node.id])
        owner = scope.find_owner(node.id)
        if owner is None:
            return None
        bindings = scope.find_reaching_bindings(node.id, owner, (node.lineno, node.col_offset))
        folded = self._fold_binding(bindings[0], owner)
        if len(bindings) == 1 and bindings[0].origin is not None:
            folded = self._fold_imported(node, bindings[0].origin)
        for other in bindings[1:]:
            again = self._fold_binding(other, owner)
            if folded is None or again is None or not _is_same_scalar(folded.value, again.value):
                return None
        if folded is None or (isinstance(folded.value, (dict, list)) and node.id in owner.mutated):
            return None
        return self._place_at_node(node, folded)

    def _fold_imported(self, node: ast.expr, name: str | None) -> FoldedValue | None:
        """The value of a dotted name of another file, as it is used at `node`."""
        value = self.imported(name) if name and not name.startswith("<local>") else ...
        return None if value is ... else FoldedValue(value, Origin(node))

    def _fold_binding(self, binding: Binding, owner: Scope) -> FoldedValue | None:
        """The value of the expression that a binding gives its name."""
        if binding.value is None or binding.value in self._names:
            return None
        self._names.append(binding.value)
        items, self._items = self._items, {}  # what a comprehension binds is not seen from there
        try:
            return self.fold(binding.value, owner)
        finally:
            self._names.pop()
            self._items = items

    def _ListComp(self, node: ast.ListComp, scope: Scope) -> FoldedValue | None:  # noqa: N802
        """`[... for name in items if ...]` over a folded list."""
        loop = node.generators[0]
        if len(node.generators) > 1 or not isinstance(loop.target, ast.Name) or loop.is_async:
            return None
        items = self.fold(loop.iter, scope).value
        if not isinstance(items, (list, tuple)):
            return None
        values: list[Any] = []
        outer = self._items
        try:
            for item in items:
                self._items = {**outer, loop.target.id: FoldedValue(item, Origin(node))}
                tests = [self.fold(test, scope).value for test in loop.ifs]
                if operations.has_unknown(tests):
                    return None
                if all(tests):
                    values.append(self.fold(node.elt, scope).value)
        finally:
            self._items = outer
        return self._build_result(node, values)

    def _Call(self, node: ast.Call, scope: Scope) -> FoldedValue | None:  # noqa: N802
        if node in self.results:
            return None
        if isinstance(node.func, ast.Attribute):
            method = self._fold_method_call(node, node.func, scope)
            if method is not None:
                return method
        name = self.get_dotted_name(node.func, scope)
        if name == "dict" and len(node.args) <= 1:
            return self._fold_keywords(node, scope)
        if name is not None and _is_record(name) and not node.args:
            keyword_value = self._fold_keywords(node, scope)
            return keyword_value and keyword_value._replace(value=Record(keyword_value.value))
        if name is None or node.keywords:
            return None
        if name not in operations.FUNCTIONS and name.rpartition(".")[2] not in ENUMERATIONS:
            return None
        folded = [self.fold(argument, scope) for argument in node.args]
        if name.rpartition(".")[2] in ENUMERATIONS:
            return folded[0] if len(folded) == 1 and isinstance(folded[0].value, str) else None
        return self._build_result(node, operations.call_builtin(name, [f.value for f in folded]))

    def _fold_keywords(self, node: ast.Call, scope: Scope) -> FoldedValue | None:
        """The keywords of `dict(a=1, **b)`, or of a config class's call, as a mapping."""
        value: dict[str, Any] = {}
        origin = Origin(node)
        expressions: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        for argument in expressions:
            if isinstance(argument, ast.keyword) and argument.arg is not None:
                folded = self.fold(argument.value, scope)
                value[argument.arg] = folded.value
                origin.children[argument.arg] = with_key(folded.origin, argument)
                continue
            inner = self.fold_mapping(
                argument.value if isinstance(argument, ast.keyword) else argument, scope
            )
            if inner is None:
                return None
            value.update(inner.value)
            origin.children.update(inner.origin.children)
        return FoldedValue(value, origin)

    def _fold_method_call(
        self, node: ast.Call, func: ast.Attribute, scope: Scope
    ) -> FoldedValue | None:
        if func.attr not in operations.METHODS:
            return None
        owner = self.fold(func.value, scope)
        arguments = [self.fold(argument, scope).value for argument in node.args]
        names = {k.arg: self.fold(k.value, scope).value for k in node.keywords if k.arg}
        if len(names) != len(node.keywords):
            return None
        result = operations.call_method(func.attr, owner.value, arguments, names)
        if func.attr == "get" and result is not operations.UNKNOWN:
            child = owner.origin.children.get(arguments[0])
            if child is not None:
                return self._place_at_node(node, FoldedValue(result, child))
        return self._build_result(node, result)

    def _Attribute(self, node: ast.Attribute, scope: Scope) -> FoldedValue | None:  # noqa: N802
        name = self.get_dotted_name(node, scope) or ""
        if name.rpartition(".")[0].rpartition(".")[2] in ENUMERATIONS:
            return FoldedValue(node.attr, Origin(node))
        if node.attr == "value":  # of an enumeration's member
            inner = node.value
            if isinstance(inner, ast.Attribute):
                owner = (self.get_dotted_name(inner, scope) or "").rpartition(".")[0]
                if owner.rpartition(".")[2] in ENUMERATIONS:
                    return FoldedValue(inner.attr, Origin(node))
        is_changed = node.attr in self.module.changes.attributes
        if "." in name and not is_changed and self.is_bound_by_import(node, scope):
            return self._fold_imported(node, name)
        return self._fold_class_attribute(node, scope)

    def is_bound_by_import(self, node: ast.expr, scope: Scope) -> bool:
        """Whether a dotted name begins with one that an import alone binds."""
        while isinstance(node, ast.Attribute):
            node = node.value
        owner = scope.find_owner(node.id) if isinstance(node, ast.Name) else None
        if owner is None or not isinstance(node, ast.Name):
            return False
        return all(one.origin is not None for one in owner.bindings[node.id])

    def _fold_class_attribute(self, node: ast.Attribute, scope: Scope) -> FoldedValue | None:
        """`Config.r`, or `config.r` of `config = Config()`, for a plain class of this file; None
        where any `x.r = ...` in the file may change it.
        """
        if node.attr in self.module.changes.attributes:
            return None
        body = self._find_class(node.value, scope)
        inner = self.module.classes[body] if body is not None else None
        if inner is None or node.attr not in inner.bindings:
            return None
        folded = self._Name(ast.copy_location(ast.Name(node.attr, ast.Load()), node), inner)
        return None if folded is None else self._place_at_node(node, folded)

    def _find_class(self, node: ast.expr, scope: Scope) -> ast.ClassDef | None:
        """The plain class that a name is bound to, or an object of it made without arguments."""
        owner = scope.find_owner(node.id) if isinstance(node, ast.Name) else None
        if owner is None or not isinstance(node, ast.Name):
            return None
        bindings = owner.bindings[node.id]
        if len(bindings) != 1:
            return None
        value = bindings[0].value
        if isinstance(value, ast.Call) and not (value.args or value.keywords):
            return self._find_named_class(value.func, owner)
        return bindings[0].body

    @staticmethod
    def _find_named_class(node: ast.expr, scope: Scope) -> ast.ClassDef | None:
        owner = scope.find_owner(node.id) if isinstance(node, ast.Name) else None
        if owner is None or not isinstance(node, ast.Name):
            return None
        bindings = owner.bindings[node.id]
        return bindings[0].body if len(bindings) == 1 else None


def _is_same_scalar(one: Value, other: Value) -> bool:
    """Whether two values are one text or number."""
    return isinstance(one, (str, int, float)) and type(one) is type(other) and one == other


def _is_record(name: str) -> bool:
    """Whether a call of this class is as good as the mapping of its keywords: PEFT's sub-configs
    (`LoftQConfig(loftq_bits=4)`), which LoraConfig takes in either form, and BitsAndBytesConfig.
    """
    package, _, last = name.rpartition(".")
    is_known_package = package.partition(".")[0] in ("", "peft", "transformers")
    return is_known_package and last.endswith("Config") and last not in ("Config", "LoraConfig")
