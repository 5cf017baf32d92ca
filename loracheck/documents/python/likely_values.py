"""What an expression most likely stands for where its value cannot be known: the default that the
file itself gives.

A script's model is named by an option's default, by a field of a dataclass, by the one call of the
function that loads it. A person who reads the file takes that as the model; so does this, for names
of models. For the values of a LoRA configuration, default_values.py is stricter.
"""

from __future__ import annotations

import ast
from functools import cached_property

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .call_index import ScopedExpression, get_last_name
from .likely_mappings import MappingFollower
from .origin import DefaultText, FoldedValue, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .bindings import Binding, Parameter, Scope

_FIELDS = frozenset({"field", "Field", "Option", "Argument"})
"""Calls that hold a field's default: of dataclasses, pydantic, typer."""

_OPTIONS = frozenset({"add_argument", "option"})
"""Calls that make an option of a command line: of argparse, click."""

_DOWNLOADS = frozenset({"snapshot_download"})
"""Calls that give the directory of the repository that they are given (huggingface_hub,
modelscope).
"""


class DefaultFollower(MappingFollower):
    """A Folder that goes on where a value is not known: to the default of a parameter, a class's
    field or a command line's option.
    """

    def follow(self, node: ast.expr, scope: Scope) -> str | None:
        """The text that an expression most likely stands for: a DefaultText where a default was
        taken for it, None where nothing in the file tells.
        """
        self._assumed = False
        folded = self._fold_text(node, scope)
        return DefaultText(folded) if folded is not None and self._assumed else folded

    def list_all_arguments(self, parameter: Parameter) -> list[ScopedExpression] | None:
        """What the file's calls give a parameter, each of which gives it; None otherwise."""
        given = list(self._index.list_given_arguments(parameter))
        return given if given and len(given) == len(self._index.list_callers(parameter)) else None

    def _follow_path(self, path: ScopedExpression, loading: Sequence[ast.Call]) -> str | None:
        follower = DefaultFollower(*self.get_parts())
        follower._loading = loading
        return follower.follow(*path)

    def _fold_text(self, node: ast.expr, scope: Scope) -> str | None:
        value = self.fold(node, scope).value
        return value if isinstance(value, str) and value.strip() else None

    def _find_single_text(
        self, node: ast.expr, expressions: Iterable[ScopedExpression]
    ) -> FoldedValue | None:
        """The one text that the expressions come to. Where some of them are not known, it must look
        like a model's name.
        """
        texts = [self._fold_text(*one) for one in expressions if one[0] not in self._names]
        distinct_texts = {text for text in texts if text is not None}
        if len(distinct_texts) != 1:
            return None
        text = distinct_texts.pop()
        self._assumed = self._assumed or None in texts
        return FoldedValue(text, Origin(node)) if "/" in text or None not in texts else None

    def _find_single_default(
        self, node: ast.expr, expressions: Iterable[ScopedExpression]
    ) -> FoldedValue | None:
        """As `_find_single_text`, for expressions that are defaults."""
        single_text = self._find_single_text(node, expressions)
        self._assumed = self._assumed or single_text is not None
        return single_text

    def _Name(self, node: ast.Name, scope: Scope) -> FoldedValue | None:  # noqa: N802
        folded = super()._Name(node, scope)
        owner = scope.find_owner(node.id)
        if _is_known(folded) or owner is None:
            return folded
        bindings = scope.find_reaching_bindings(node.id, owner, (node.lineno, node.col_offset))
        if len(bindings) == 1 and bindings[0].value is not None:
            return self._fold_binding(bindings[0], owner)  # a mapping that something is added to
        mapping = self._fold_given_mapping(bindings[0].parameter) if len(bindings) == 1 else None
        if mapping is not None:
            return mapping
        return (
            self._find_single_text(
                node, [one for b in bindings for one in self._iterate_sources(b, owner)]
            )
            or folded
        )

    def _iterate_sources(self, binding: Binding, owner: Scope) -> Iterator[ScopedExpression]:
        if binding.value is not None:
            yield binding.value, owner
        elif binding.parameter is not None and binding.parameter not in self._names:
            self._names.append(binding.parameter)
            try:
                yield from self._iterate_given_arguments(binding.parameter, owner)
            finally:
                self._names.pop()

    def _iterate_given_arguments(
        self, parameter: Parameter, owner: Scope
    ) -> Iterator[ScopedExpression]:
        """What a parameter is given by the file's own calls; else its default."""
        arguments = [
            (one, self._fold_text(*one)) for one in self._index.list_given_arguments(parameter)
        ]
        for (node, scope), text in arguments:
            if text is not None:  # worked out once, so that a chain of callers stays one
                yield ast.copy_location(ast.Constant(text), node), scope
        if any(text is not None for _, text in arguments):
            return
        self._assumed = True
        if parameter.default is not None and owner.parent is not None:
            yield get_field_default(parameter.default), owner.parent
        else:
            yield from self._options.get(parameter.name, ())

    def _Attribute(self, node: ast.Attribute, scope: Scope) -> FoldedValue | None:  # noqa: N802
        folded = super()._Attribute(node, scope)
        if _is_known(folded):
            return folded
        if self._is_imported(node, scope):
            return self._fold_likely_import(node, scope) or folded
        entry = self._fold_entry(node, scope)
        if entry is not None:
            return entry
        argument = self._find_constructor_argument(node, scope)
        if argument is not None and (text := self._find_single_text(node, [argument])) is not None:
            return text
        defaults = [*self._fields.get(node.attr, ()), *self._options.get(node.attr, ())]
        if defaults:
            return self._find_single_default(node, defaults)
        values = self.module.changes.values.get(node.attr, [])
        return self._fold_mapping(f".{node.attr}", values) or self._find_single_text(node, values)

    def _find_constructor_argument(
        self, node: ast.Attribute, scope: Scope
    ) -> ScopedExpression | None:
        """What the call that made an object was given for the attribute."""
        owner = scope.find_owner(node.value.id) if isinstance(node.value, ast.Name) else None
        if owner is None or not isinstance(node.value, ast.Name):
            return None
        for binding in owner.bindings[node.value.id]:
            if isinstance(binding.value, ast.Call):
                for keyword in binding.value.keywords:
                    if keyword.arg == node.attr:
                        return keyword.value, owner
        return None

    def _is_imported(self, node: ast.Attribute, scope: Scope) -> bool:
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            inner = inner.value
        owner = scope.find_owner(inner.id) if isinstance(inner, ast.Name) else None
        if owner is None or not isinstance(inner, ast.Name):
            return True
        return any(binding.origin is not None for binding in owner.bindings[inner.id])

    def _Call(self, node: ast.Call, scope: Scope) -> FoldedValue | None:  # noqa: N802
        folded = super()._Call(node, scope)
        if _is_known(folded):
            return folded
        loaded = self._fold_loaded_file(node, scope)
        if loaded is not None:
            return loaded
        last = get_last_name(node.func)
        if last == "Path" and len(node.args) == 1 and not node.keywords:
            return self.fold(node.args[0], scope)
        if last in ("get", "getenv") and len(node.args) == 2:
            return self._find_single_default(node, [(node.args[1], scope)])
        if last in _DOWNLOADS:
            ids = [k.value for k in node.keywords if k.arg in ("repo_id", "model_id")]
            return self._find_single_text(
                node, [(one, scope) for one in [*ids, *node.args[:1]][:1]]
            )
        return folded

    def _BoolOp(self, node: ast.BoolOp, scope: Scope) -> FoldedValue | None:  # noqa: N802
        folded = super()._BoolOp(node, scope)
        if _is_known(folded) or not isinstance(node.op, ast.Or):
            return folded
        return self._find_single_default(node, [(value, scope) for value in node.values])

    def _IfExp(self, node: ast.IfExp, scope: Scope) -> FoldedValue | None:  # noqa: N802
        folded = super()._IfExp(node, scope)
        return folded or self._find_single_text(node, [(node.body, scope), (node.orelse, scope)])

    @cached_property
    def _fields(self) -> dict[str, list[ScopedExpression]]:
        """The defaults of all classes' fields."""
        fields: dict[str, list[ScopedExpression]] = {}
        for scope in self.module.classes.values():
            for name, bindings in scope.bindings.items():
                values = [b.value for b in bindings if b.value is not None]
                fields.setdefault(name, []).extend(
                    (get_field_default(value), scope) for value in values
                )
        return fields

    @cached_property
    def _options(self) -> dict[str, list[ScopedExpression]]:
        """The defaults of all command lines' options."""
        options: dict[str, list[ScopedExpression]] = {}
        for name, call, scope in self._iterate_options():
            default = next((k.value for k in call.keywords if k.arg == "default"), None)
            if default is not None:
                options.setdefault(name, []).append((default, scope))
        return options

    def _iterate_options(self) -> Iterator[tuple[str, ast.Call, Scope]]:
        """The options of all command lines: the name of the value, and the call that makes it."""
        for call, scope in (one for name in _OPTIONS for one in self._index.calls.get(name, ())):
            words = [a.value for a in call.args if isinstance(a, ast.Constant)]
            long = [w for w in words if isinstance(w, str) and w.startswith("--")]
            dest = next((k.value for k in call.keywords if k.arg == "dest"), None)
            if isinstance(dest, ast.Constant) and isinstance(dest.value, str):
                long = [dest.value]
            if long:
                yield long[0].lstrip("-").replace("-", "_"), call, scope


def _is_known(folded: FoldedValue | None) -> bool:
    return folded is not None and not isinstance(folded.value, Unknown)


def get_field_default(node: ast.expr) -> ast.expr:
    """The value of a field: `field(default=...)` stands for its default."""
    if not isinstance(node, ast.Call) or get_last_name(node.func) not in _FIELDS:
        return node
    for keyword in node.keywords:
        if keyword.arg == "default":
            return keyword.value
        if keyword.arg == "default_factory" and isinstance(keyword.value, ast.Lambda):
            return keyword.value.body
    return node.args[0] if node.args else node
