"""Values of Python expressions without names in them: literals, displays (lists, dicts) and
operators.

Names and calls are the work of `folding.py`, whose class extends this one.
"""

from __future__ import annotations

import ast

from loracheck.documents.model import Unknown
from loracheck.documents.values import MAX_DEPTH, replace_surrogates
from loracheck.type_checking import TYPE_CHECKING

from . import operations
from .origin import FoldedValue, Origin, with_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from loracheck.documents.values import Table

    from .bindings import Scope

MAX_STEPS = 50_000
"""Expressions folded in one document; what is left then is unknown."""


class Expressions:
    """Folds expressions. `source` gives the text of a node. A method `_X(node, scope)` gives the
    value of the syntax `X`, None where it cannot be known.
    """

    def __init__(self, source: Callable[[ast.AST], str]) -> None:
        self.source = source
        self._steps = 0
        self._depth = 0

    def fold(self, node: ast.expr, scope: Scope) -> FoldedValue:
        """The value of an expression; its strings and numbers are those Python would make."""
        self._steps += 1
        self._depth += 1
        try:
            if self._steps > MAX_STEPS or self._depth > MAX_DEPTH:
                return self._build_unknown(node)
            visit = getattr(self, f"_{type(node).__name__}", None)
            folded = visit(node, scope) if visit is not None else None
        finally:
            self._depth -= 1
        return folded if folded is not None else self._build_unknown(node)

    def _build_unknown(self, node: ast.expr) -> FoldedValue:
        return FoldedValue(Unknown(self.source(node)), Origin(node))

    def _place_at_node(self, node: ast.expr, folded: FoldedValue) -> FoldedValue:
        """A folded value as it is used at `node`; its entries keep the places where they were
        written.
        """
        if type(folded.value) is Unknown:
            return FoldedValue(Unknown(self.source(node)), Origin(node))
        origin = Origin(node)
        origin.children = folded.origin.children
        origin.written = folded.origin.written or folded.origin.node
        return FoldedValue(folded.value, origin)

    def _build_result(self, node: ast.expr, value: object) -> FoldedValue | None:
        if value is operations.UNKNOWN:
            return None
        # What an operation makes is paid for, so that no text makes more than it could write.
        self._steps += len(value) // 8 if isinstance(value, (str, bytes, list, tuple, dict)) else 0
        return FoldedValue(value, Origin(node))

    def _Constant(self, node: ast.Constant, scope: Scope) -> FoldedValue | None:  # noqa: N802
        if isinstance(node.value, str):
            return FoldedValue(replace_surrogates(node.value), Origin(node))
        if node.value is None or isinstance(node.value, (bool, int, float, bytes)):
            return FoldedValue(node.value, Origin(node))
        return None

    def _List(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> FoldedValue | None:  # noqa: N802
        values: list[Any] = []
        origin = Origin(node)
        for item in node.elts:
            if isinstance(item, ast.Starred):
                inner = self.fold(item.value, scope)
                if not isinstance(inner.value, (list, tuple)):
                    return None
                for i, value in enumerate(inner.value):
                    origin.children[len(values)] = inner.origin.children.get(i, inner.origin)
                    values.append(value)
            else:
                folded = self.fold(item, scope)
                origin.children[len(values)] = folded.origin
                values.append(folded.value)
        if len(values) > operations.MAX_ITEMS:
            return None
        # A set is given as a list: PEFT makes a set of a list, and a list keeps its places.
        return FoldedValue(tuple(values) if isinstance(node, ast.Tuple) else values, origin)

    _Tuple = _Set = _List

    def _Dict(self, node: ast.Dict, scope: Scope) -> FoldedValue | None:  # noqa: N802
        value: Table = {}
        origin = Origin(node)
        for key, item in zip(node.keys, node.values, strict=True):
            if key is None:
                inner = self.fold(item, scope)
                if not isinstance(inner.value, dict):
                    return None
                value.update(inner.value)
                origin.children.update(inner.origin.children)
                continue
            name = self.fold(key, scope).value
            if not isinstance(name, (str, int, float, type(None))):
                return None
            folded = self.fold(item, scope)
            value[name] = folded.value
            origin.children[name] = with_key(folded.origin, key)
        return FoldedValue(value, origin) if len(value) <= operations.MAX_ITEMS else None

    def _Subscript(self, node: ast.Subscript, scope: Scope) -> FoldedValue | None:  # noqa: N802
        owner = self.fold(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            parts = [node.slice.lower, node.slice.upper, node.slice.step]
            bounds = [None if p is None else self.fold(p, scope).value for p in parts]
            return self._build_result(node, operations.get_slice(owner.value, bounds))
        key = self.fold(node.slice, scope).value
        result = operations.get_item(owner.value, key)
        if result is operations.UNKNOWN:
            return None
        if isinstance(owner.value, (list, tuple)) and isinstance(key, int):
            key %= len(owner.value)
        child = owner.origin.children.get(key, owner.origin)
        return self._place_at_node(node, FoldedValue(result, child))

    def _BinOp(self, node: ast.BinOp, scope: Scope) -> FoldedValue | None:  # noqa: N802
        left, right = self.fold(node.left, scope), self.fold(node.right, scope)
        folded = self._build_result(node, operations.apply_binary(node.op, left.value, right.value))
        if folded is not None and isinstance(folded.value, list) and isinstance(node.op, ast.Add):
            shift = len(left.value)
            folded.origin.children = dict(left.origin.children)
            folded.origin.children.update(
                {i + shift: child for i, child in right.origin.children.items()}
            )
        return folded

    def _UnaryOp(self, node: ast.UnaryOp, scope: Scope) -> FoldedValue | None:  # noqa: N802
        return self._build_result(
            node, operations.apply_unary(node.op, self.fold(node.operand, scope).value)
        )

    def _BoolOp(self, node: ast.BoolOp, scope: Scope) -> FoldedValue | None:  # noqa: N802
        is_or = isinstance(node.op, ast.Or)
        folded: FoldedValue | None = None
        for value in node.values:
            folded = self.fold(value, scope)
            if operations.has_unknown(folded.value):
                return None
            if bool(folded.value) is is_or:
                break
        return folded and self._place_at_node(node, folded)

    def _Compare(self, node: ast.Compare, scope: Scope) -> FoldedValue | None:  # noqa: N802
        if len(node.ops) != 1:
            return None
        left = self.fold(node.left, scope).value
        right = self.fold(node.comparators[0], scope).value
        return self._build_result(node, operations.apply_comparison(node.ops[0], left, right))

    def _IfExp(self, node: ast.IfExp, scope: Scope) -> FoldedValue | None:  # noqa: N802
        test = self.fold(node.test, scope).value
        if operations.has_unknown(test):
            return None
        return self._place_at_node(node, self.fold(node.body if test else node.orelse, scope))

    def _JoinedStr(self, node: ast.JoinedStr, scope: Scope) -> FoldedValue | None:  # noqa: N802
        parts: list[Any] = []
        for piece in node.values:
            if isinstance(piece, ast.Constant):
                parts.append(piece.value)
                continue
            assert isinstance(piece, ast.FormattedValue)
            spec = ""
            if piece.format_spec is not None:
                folded = self.fold(piece.format_spec, scope).value
                if not isinstance(folded, str):
                    return None
                spec = folded
            value = self.fold(piece.value, scope).value
            parts.append(operations.format_field(value, piece.conversion, spec))
        if any(part is operations.UNKNOWN for part in parts):
            return None
        text = "".join(parts)
        return self._build_result(node, text) if len(text) <= operations.MAX_TEXT else None
