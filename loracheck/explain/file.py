"""What a file's LoRA settings will do to their models: reach, ranks, parameters, size on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from loracheck.rules.targets import linear_groups, share
from loracheck.trees.roles import component

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan, Wrapped
    from loracheck.rules import Case
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

BYTES = {"float32": 4, "bfloat16": 2}
"""Bytes of one saved parameter by the dtype that it is saved in."""


class Row(NamedTuple):
    """One kind of module: all that share a name but for their layer numbers.

    `adapted` of `modules` are wrapped; `parameters` is what LoRA adds over all of them.
    """

    name: str
    part: str
    cls: str
    modules: int
    adapted: int
    ranks: tuple[int, ...]
    scalings: tuple[float, ...]
    parameters: int


def rows(plan: Plan, tree: ModuleTree) -> list[Row]:
    """One row a kind of module: everything that is wrapped, and every linear layer that is not."""
    kinds: dict[str, list[Group]] = {}
    for group in linear_groups(tree):
        kinds.setdefault(group.template, []).append(group)
    made: dict[str, list[Wrapped]] = {}
    for wrapped in plan.wrapped:
        name = wrapped.group.template
        made.setdefault(f"{name}.{wrapped.parameter}" if wrapped.parameter else name, []).append(
            wrapped
        )
        if not wrapped.parameter:
            kinds.setdefault(name, [])
    names = list(dict.fromkeys([*kinds, *made]))
    return [_row(name, kinds.get(name, []), made.get(name, [])) for name in names]


def _row(name: str, groups: list[Group], made: list[Wrapped]) -> Row:
    adapted = sum(w.group.count for w in made)
    first = groups[0] if groups else made[0].group
    return Row(
        name,
        component(name),
        first.node.class_name,
        sum(g.count for g in groups) or adapted,
        adapted,
        tuple(dict.fromkeys(w.rank for w in made)),
        tuple(dict.fromkeys(w.scaling for w in made)),
        sum(w.parameters * w.group.count for w in made),
    )


def report(case: Case) -> str:
    """The whole report of one setting."""
    return "\n".join(_lines(case))


def _lines(case: Case) -> Iterator[str]:
    setting, tree, plan = case.setting, case.tree, case.plan
    line = case.document.span(setting.path).line
    yield f"{case.document.path}:{line} ({setting.dialect})"
    if tree is None or plan is None:
        yield f"not held against a model: {case.resolved.reason or 'the fields are refused'}"
        return
    yield f"model: {setting.model or tree.cls}, {tree.cls}, {case.resolved.source}"
    if plan.error is not None:
        yield f"PEFT refuses it: {plan.error.exception}: {plan.error.message}"
        return
    yield ""
    yield from _table(rows(plan, tree))
    yield ""
    yield from _numbers(plan, tree)


def _table(found: list[Row]) -> Iterator[str]:
    width = min(max((len(row.name) for row in found), default=6), 48)
    yield _columns(width, "module", "part", "adapted", "rank", "scaling", "parameters")
    for row in sorted(found, key=lambda r: r.part):
        name = row.name if len(row.name) <= width else "…" + row.name[1 - width :]
        reach = f"{row.adapted or '-'} of {row.modules}"
        ranks = ",".join(map(str, row.ranks)) or "-"
        scalings = ",".join(f"{s:.3g}" for s in row.scalings) or "-"
        size = f"{row.parameters:,}" if row.parameters else "-"
        yield _columns(width, name, row.part, reach, ranks, scalings, size)


def _columns(width: int, name: str, part: str, *numbers: str) -> str:
    widths = (10, 5, 7, 12)
    rest = " ".join(f"{n:>{w}}" for n, w in zip(numbers, widths, strict=True))
    return f"{name:<{width}} {part:<9} {rest}"


def _numbers(plan: Plan, tree: ModuleTree) -> Iterator[str]:
    yield f"LoRA reaches {share(plan, tree)}; PEFT counts {plan.targeted} targeted modules"
    for saved in plan.saved:
        yield f"trained in full: {saved.name} ({saved.parameters * saved.group.count:,} parameters)"
    for reach in plan.reaches:
        if not reach.effect:
            yield f"{reach.field}: `{reach.entry}` has no effect"
    if plan.trainable is not None and plan.total:
        percent = 100 * plan.trainable / plan.total
        yield f"trainable: {plan.trainable:,} of {plan.total:,} parameters ({percent:.4f} %)"
        sizes = (f"{plan.trainable * b / 1e6:,.1f} MB as {dtype}" for dtype, b in BYTES.items())
        yield f"adapter on disk: about {' or '.join(sizes)}"
