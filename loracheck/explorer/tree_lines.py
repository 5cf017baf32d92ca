"""A folded module tree as the lines of a pane, and what a plan does to each."""

from __future__ import annotations

from math import prod

from loracheck.named_tuple import NamedTuple
from loracheck.reporters.tree import WRAPPABLE, format_child_label
from loracheck.rules.support.linear_layers import LINEAR_KINDS
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from loracheck.plan.model import Plan
    from loracheck.trees.groups import Group
    from loracheck.trees.model import Child, ModuleTree, Node

Indices = tuple[frozenset[int], ...]


class TreeLine(NamedTuple):
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


def build_lines(tree: ModuleTree) -> tuple[TreeLine, ...]:
    """The tree's lines from top to bottom. A list of layers that are all alike is one line."""
    lines: list[TreeLine] = []
    _add_lines(tree.root, "", (), 0, -1, tree.output_embeddings, lines)
    return tuple(lines)


def _add_lines(
    node: Node,
    template: str,
    indices: Indices,
    depth: int,
    parent: int,
    head: str | None,
    lines: list[TreeLine],
) -> None:
    dot = f"{template}." if template else ""
    for child, name in _unfold_lists(node):
        part = "*" if child.ranges else str(child.name)
        inner = (*indices, frozenset(child.indices)) if child.ranges else indices
        full = f"{dot}{part}"
        text = _build_label(child)
        if name is not None:
            full, text = f"{dot}{name}.{part}", f"{name}.{text}"
        here = len(lines)
        row = TreeLine(depth, text, full, inner, prod(map(len, inner)), child.node, parent, 0)
        lines.append(row._replace(head=full == head))
        _add_lines(child.node, full, inner, depth + 1, here, head, lines)
        _add_parameters(lines[here], here, lines)
        lines[here] = lines[here]._replace(end=len(lines))


def _build_label(child: Child) -> str:
    """A child's name; layers of one kind among others as their span and number."""
    if child.ranges is None or len(child.ranges) < 3:
        return format_child_label(child)
    return f"{child.ranges[0][0]}…{child.ranges[-1][1]} ×{len(child.indices)}"


def _unfold_lists(node: Node) -> Iterator[tuple[Child, str | None]]:
    """The children; of a list whose members are all alike its members, with the list's name."""
    for child in node.children:
        inner = child.node.children
        if child.ranges is None and len(inner) == 1 and inner[0].ranges:
            yield inner[0], child.name
        else:
            yield child, None


def _add_parameters(row: TreeLine, here: int, lines: list[TreeLine]) -> None:
    """Parameters that `target_parameters` may name where no layer is: those of fused experts."""
    if row.node.kind is not None:
        return
    for parameter in row.node.parameters:
        if len(parameter.shape) == 3:
            line = row._replace(
                depth=row.depth + 1, label=parameter.name, parent=here, parameter=parameter.name
            )
            lines.append(line._replace(end=len(lines) + 1))


def mark_lines(
    lines: tuple[TreeLine, ...], plan: Plan | None, hits: Iterable[Group] = ()
) -> list[Mark]:
    """What the plan does to each line."""
    marks = [Mark() for _ in lines]
    places: dict[tuple[str, str | None], list[int]] = {}
    for number, row in enumerate(lines):
        places.setdefault((row.template, row.parameter), []).append(number)

    def find_line(group: Group, parameter: str | None = None) -> int | None:
        candidates = places.get((group.template, parameter), ())
        return next((n for n in candidates if _contains(group, lines[n])), None)

    for group in hits:
        place = find_line(group)
        if place is not None:
            marks[place] = marks[place]._replace(hits=marks[place].hits + group.count)
    if plan is not None:
        _mark_plan(plan, marks, find_line)
    return _sum_linear_layers(lines, marks)


def _contains(group: Group, row: TreeLine) -> bool:
    return all(
        parameter[0] in known for parameter, known in zip(group.indices, row.indices, strict=True)
    )


def _mark_plan(plan: Plan, marks: list[Mark], find_line: Callable[..., int | None]) -> None:
    for wrapped in plan.wrapped:
        place = find_line(wrapped.group, wrapped.parameter)
        if place is not None:
            mark = marks[place]
            marks[place] = mark._replace(
                adapted=mark.adapted + wrapped.group.count,
                ranks=tuple(dict.fromkeys((*mark.ranks, wrapped.rank))),
                parameters=mark.parameters + wrapped.parameters * wrapped.group.count,
            )
    for saved in plan.saved:
        place = find_line(saved.group)
        if place is not None:
            marks[place] = marks[place]._replace(saved=marks[place].saved + saved.group.count)
    for tokens in plan.tokens:
        place = find_line(tokens.group)
        if place is not None:
            marks[place] = marks[place]._replace(tokens=tokens.indices)


def _sum_linear_layers(lines: tuple[TreeLine, ...], marks: list[Mark]) -> list[Mark]:
    """With the linear layers below each line added up."""
    below, linear = [0] * len(lines), [0] * len(lines)
    for number in reversed(range(len(lines))):
        row = lines[number]
        if row.linear:
            linear[number] += row.modules
            below[number] += marks[number].adapted
        if row.parent >= 0:
            linear[row.parent] += linear[number]
            below[row.parent] += below[number]
    return [m._replace(below=b, linear=n) for m, b, n in zip(marks, below, linear, strict=True)]
