"""A folded module tree as the lines of a pane, and what a plan does to each."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from loracheck.reporters.tree import WRAPPABLE, label
from loracheck.rules.support.linear_layers import LINEAR_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from loracheck.plan.model import Plan
    from loracheck.trees.groups import Group
    from loracheck.trees.model import Child, ModuleTree, Node

Indices = tuple[frozenset[int], ...]


class Row(NamedTuple):
    """One line. It stands for `modules` modules that are alike: `template` is their name with `*`
    for a folded index, `indices` the numbers for each `*`. `parent` is the line above it in the
    tree (-1 for none), `end` the first line after its subtree. `parameter` names an own parameter
    shown on a line of its own.
    """

    depth: int
    label: str
    template: str
    indices: Indices
    modules: int
    node: Node
    parent: int
    end: int
    parameter: str | None = None
    head: bool = False

    @property
    def leaf(self) -> bool:
        """Whether nothing is below."""
        return self.parameter is not None or not self.node.children

    @property
    def linear(self) -> bool:
        """Whether it counts as a linear layer (the output head does not)."""
        return self.parameter is None and self.node.kind in LINEAR_KINDS and not self.head

    @property
    def wrappable(self) -> bool:
        """Whether PEFT can wrap it."""
        return self.parameter is not None or self.node.kind in WRAPPABLE


class Mark(NamedTuple):
    """What becomes of a line's modules.

    `adapted` of them get LoRA layers of `ranks`, which add `parameters` in all; `saved` are trained
    in full, of `tokens` single rows are. `below` of `linear` linear layers in its subtree are
    adapted. `hits` are matched by the expression that is tried out.
    """

    adapted: int = 0
    ranks: tuple[int, ...] = ()
    parameters: int = 0
    saved: int = 0
    tokens: int = 0
    below: int = 0
    linear: int = 0
    hits: int = 0


def rows(tree: ModuleTree) -> tuple[Row, ...]:
    """The tree's lines from top to bottom. A list of layers that are all alike is one line."""
    found: list[Row] = []
    _add(tree.root, "", (), 0, -1, tree.output_embeddings, found)
    return tuple(found)


def _add(
    node: Node,
    template: str,
    indices: Indices,
    depth: int,
    parent: int,
    head: str | None,
    found: list[Row],
) -> None:
    dot = f"{template}." if template else ""
    for child, name in _children(node):
        part = "*" if child.ranges else str(child.name)
        inner = (*indices, frozenset(child.indices)) if child.ranges else indices
        full = f"{dot}{part}"
        text = _label(child)
        if name is not None:
            full, text = f"{dot}{name}.{part}", f"{name}.{text}"
        here = len(found)
        row = Row(depth, text, full, inner, prod(map(len, inner)), child.node, parent, 0)
        found.append(row._replace(head=full == head))
        _add(child.node, full, inner, depth + 1, here, head, found)
        _add_parameters(found[here], here, found)
        found[here] = found[here]._replace(end=len(found))


def _label(child: Child) -> str:
    """A child's name; layers of one kind among others as their span and number."""
    if child.ranges is None or len(child.ranges) < 3:
        return label(child)
    return f"{child.ranges[0][0]}…{child.ranges[-1][1]} ×{len(child.indices)}"


def _children(node: Node) -> Iterator[tuple[Child, str | None]]:
    """The children; of a list whose members are all alike its members, with the list's name."""
    for child in node.children:
        inner = child.node.children
        if child.ranges is None and len(inner) == 1 and inner[0].ranges:
            yield inner[0], child.name
        else:
            yield child, None


def _add_parameters(row: Row, here: int, found: list[Row]) -> None:
    """Parameters that `target_parameters` may name where no layer is: those of fused experts."""
    if row.node.kind is not None:
        return
    for parameter in row.node.parameters:
        if len(parameter.shape) == 3:
            line = row._replace(
                depth=row.depth + 1, label=parameter.name, parent=here, parameter=parameter.name
            )
            found.append(line._replace(end=len(found) + 1))


def marks(lines: tuple[Row, ...], plan: Plan | None, hits: Iterable[Group] = ()) -> list[Mark]:
    """What the plan does to each line."""
    made = [Mark() for _ in lines]
    places: dict[tuple[str, str | None], list[int]] = {}
    for number, row in enumerate(lines):
        places.setdefault((row.template, row.parameter), []).append(number)

    def at(group: Group, parameter: str | None = None) -> int | None:
        found = places.get((group.template, parameter), ())
        return next((n for n in found if _inside(group, lines[n])), None)

    for group in hits:
        place = at(group)
        if place is not None:
            made[place] = made[place]._replace(hits=made[place].hits + group.count)
    if plan is not None:
        _put_plan(plan, made, at)
    return _summed(lines, made)


def _inside(group: Group, row: Row) -> bool:
    return all(own[0] in known for own, known in zip(group.indices, row.indices, strict=True))


def _put_plan(plan: Plan, made: list[Mark], at: Callable[..., int | None]) -> None:
    for wrapped in plan.wrapped:
        place = at(wrapped.group, wrapped.parameter)
        if place is not None:
            mark = made[place]
            made[place] = mark._replace(
                adapted=mark.adapted + wrapped.group.count,
                ranks=tuple(dict.fromkeys((*mark.ranks, wrapped.rank))),
                parameters=mark.parameters + wrapped.parameters * wrapped.group.count,
            )
    for saved in plan.saved:
        place = at(saved.group)
        if place is not None:
            made[place] = made[place]._replace(saved=made[place].saved + saved.group.count)
    for tokens in plan.tokens:
        place = at(tokens.group)
        if place is not None:
            made[place] = made[place]._replace(tokens=tokens.indices)


def _summed(lines: tuple[Row, ...], made: list[Mark]) -> list[Mark]:
    """With the linear layers below each line added up."""
    below, linear = [0] * len(lines), [0] * len(lines)
    for number in reversed(range(len(lines))):
        row = lines[number]
        if row.linear:
            linear[number] += row.modules
            below[number] += made[number].adapted
        if row.parent >= 0:
            linear[row.parent] += linear[number]
            below[row.parent] += below[number]
    return [m._replace(below=b, linear=n) for m, b, n in zip(made, below, linear, strict=True)]
