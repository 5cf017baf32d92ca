"""The texts that an expression may stand for, where the file writes them all: the branches of a
condition, what a name is bound to in them, the entries of a mapping of which a key picks one, the
items that a loop runs over.

Either every text is known and written in the file, or nothing is said: a default that whoever runs
the file may replace is no text that the file decides on.
"""

from __future__ import annotations

import ast

from loracheck.documents.model import OneOf
from loracheck.type_checking import TYPE_CHECKING

from .origin import DefaultText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .bindings import Binding, Scope
    from .call_index import ScopedExpression
    from .likely_values import DefaultFollower

MAX_TEXTS = 8
"""Most texts of one expression."""

MAX_STEPS = 40
"""Expressions that are looked at for them."""


def find_choices(node: ast.expr, scope: Scope, follower: DefaultFollower) -> OneOf | None:
    """All texts that the expression may stand for; None where there is one alone or where any of
    them is not known.
    """
    texts: dict[str, None] = {}
    waiting: list[ScopedExpression] = [(node, scope)]
    for one, inner in waiting:  # grows
        folded = follower.follow(one, inner)
        parts = None if folded is not None else _list_parts(one, inner, follower)
        if isinstance(folded, DefaultText) or len(waiting) > MAX_STEPS:
            return None
        if folded is not None:
            texts[folded] = None
        elif parts:
            waiting += [part for part in parts if part not in waiting]
        else:
            return None
    if not 1 < len(texts) <= MAX_TEXTS:
        return None
    return OneOf(follower.source(node), tuple(texts))


def _list_parts(
    node: ast.expr, scope: Scope, follower: DefaultFollower
) -> list[ScopedExpression] | None:
    """The expressions of which one stands for the given one; None where that is not known."""
    if isinstance(node, ast.IfExp):
        return [(node.body, scope), (node.orelse, scope)]
    if isinstance(node, ast.Name):
        return _list_bound(node, scope, follower)
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        return _list_items(node.value, scope, follower)
    return None


def _list_bound(
    node: ast.Name, scope: Scope, follower: DefaultFollower
) -> list[ScopedExpression] | None:
    owner = scope.find_owner(node.id)
    if owner is None:
        return None
    bindings = scope.find_reaching_bindings(node.id, owner, (node.lineno, node.col_offset))
    if owner is scope:
        bindings = follower.module.branches.select(bindings, node.lineno)
    parts: list[ScopedExpression] = []
    for binding in bindings:
        bound_expressions = list(_iterate_bound(binding, owner, follower))
        if not bound_expressions:
            return None
        parts += bound_expressions
    return parts


def _iterate_bound(
    binding: Binding, owner: Scope, follower: DefaultFollower
) -> Iterator[ScopedExpression]:
    """What a binding may give its name; nothing where that is not known."""
    if binding.iterated is not None:
        yield from _list_items(binding.iterated, owner, follower) or ()
    elif binding.source is not None and binding.part is None:
        yield binding.source, owner
    elif binding.parameter is not None:
        given = follower.list_all_arguments(binding.parameter)
        yield from given or ()


def _list_items(
    node: ast.expr, scope: Scope, follower: DefaultFollower
) -> list[ScopedExpression] | None:
    """The items of a list, or the values of a mapping, as it is written or bound to a name."""
    owner = scope.find_owner(node.id) if isinstance(node, ast.Name) else None
    if owner is not None and isinstance(node, ast.Name) and node.id in owner.mutated:
        return None
    value = follower.fold(node, scope).value
    items = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(items, (list, tuple)) or not 0 < len(items) <= MAX_TEXTS:
        return None
    if not all(type(item) is str for item in items):
        return None
    return [(ast.copy_location(ast.Constant(item), node), scope) for item in items]
