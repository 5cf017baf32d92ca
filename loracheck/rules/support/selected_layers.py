"""Which layers of the model a tool's own filters choose (`tools/core/module_selection.py`), and
what is to be said of filters that choose none.

Candidates are the linear layers and convolutions of the model. Names are grouped as the filters
tell them apart, so that the cost grows with what differs.
"""

from __future__ import annotations

import re

from loracheck.named_tuple import NamedTuple
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.regexes import compile_pattern
from loracheck.rules.types import Hit, Repeat
from loracheck.trees.groups import group_modules, make_splitter
from loracheck.type_checking import TYPE_CHECKING

from .linear_layers import describe_linear_layers
from .module_names import find_counterparts
from .numbered_names import find_last_layer
from .phrases import count_noun, quote_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.module_selection import Filter, Selection
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree, Node

KINDS = frozenset({"Linear", "Conv2d", "Conv1d", "Conv3d"})
"""Kinds of modules that the tools give LoRA to."""


class SelectedLayers(NamedTuple):
    """What a selection comes to in a model."""

    candidates: list[Group]
    """The layers that the filters are asked about."""

    dead: tuple[Filter, ...]
    """Filters that fit no candidate."""

    idle: tuple[Filter, ...]
    """Filters for what is left out that fit no module at all."""

    reached: list[Group]
    """The layers that are chosen."""

    needless: tuple[Filter, ...] = ()
    """Filters for what stays that fit only layers which nothing leaves out."""


def choose_layers(context: RuleContext) -> SelectedLayers | None:
    """The layers that the setting's filters choose; None where it has none, the model is not known,
    or a filter cannot be matched.
    """
    selection, tree = context.setting.behaviour.selection, context.tree
    if selection is None or tree is None:
        return None
    try:
        return _choose(selection, tree)
    except RefusedError:  # no expression, or one that takes too long
        return None


def _choose(selection: Selection, tree: ModuleTree) -> SelectedLayers:
    filters = (*selection.filters, *selection.ignored, *selection.kept)
    patterns = [one.pattern for one in filters]
    patterns += [one for one in (selection.among, selection.never) if one is not None]
    split = make_splitter(patterns=patterns)
    tests = {pattern: _search(pattern) for pattern in patterns}
    inside = tests[selection.among] if selection.among is not None else _accept_any_name
    candidates = [
        group
        for group in group_modules(tree, split)
        if _is_candidate(group.node, selection) and inside(selection.prefix + group.name)
    ]
    names = [selection.prefix + group.name for group in candidates]
    every = [selection.prefix + group.name for group in group_modules(tree, split)]
    fitting = {
        one: [bool(tests[one.pattern](name)) for name in names] for one in dict.fromkeys(filters)
    }
    never = tests[selection.never] if selection.never is not None else None
    out = [
        any(fitting[one][at] for one in selection.ignored) or (never is not None and never(name))
        for at, name in enumerate(names)
    ]
    exempt = [any(fitting[one][at] for one in selection.kept) for at in range(len(names))]
    reached = [
        group
        for at, group in enumerate(candidates)
        if (not out[at] or exempt[at])
        and (not selection.filters or any(fitting[one][at] for one in selection.filters))
    ]
    return SelectedLayers(
        candidates,
        tuple(one for one in (*selection.filters, *selection.kept) if not any(fitting[one])),
        tuple(
            one
            for one in selection.ignored
            if not any(fitting[one]) and not any(map(tests[one.pattern], every))
        ),
        reached,
        tuple(
            one
            for one in selection.kept
            if any(fitting[one])
            and not any(fits and out[at] for at, fits in enumerate(fitting[one]))
        ),
    )


def _is_candidate(node: Node, selection: Selection) -> bool:
    if node.kind == "Linear" or node.kind not in KINDS:
        return node.kind == "Linear"
    weight = node.parameter("weight")
    points = weight.shape[2:] if weight is not None else ()
    return selection.convolutions or all(size == 1 for size in points)


def _search(pattern: str) -> Callable[[str], bool]:
    """`re.search(pattern, name) is not None`, in bounded time."""
    return compile_pattern(rf"(?s:.*?)(?:{pattern})", "target_modules")


def _accept_any_name(name: str) -> bool:
    return True


def find_empty_selection_hits(context: RuleContext) -> Iterator[Hit]:
    """The hits of a selection that ends the run, or that gives no layer LoRA."""
    selected = context.compute_once(choose_layers)
    selection, tree = context.setting.behaviour.selection, context.tree
    if selected is None or selection is None or tree is None or not selected.candidates:
        return
    if selection.each is not None:
        for one in selected.dead:
            yield _build_hit(context, one, selected, selection.each)
    if selected.reached or (selection.each is not None and selected.dead):
        return
    if selection.filters and len(selected.dead) == len(selection.filters):
        words = quote_names([one.entry for one in selected.dead])
        verb = "fits" if len(selected.dead) == 1 else "fit"
        yield Hit(
            f"{words} in {selection.key} {verb} no layer of {tree.cls}: {selection.nothing}",
            selected.dead[0].place,
            help=_build_help(context, selected.dead[0], selected),
            field=selection.key,
            notes=(f"its linear layers are {describe_linear_layers(tree)}",),
        )
    elif selection.ignored and not selection.filters:
        yield Hit(
            f"{selection.ignore_key} leaves out every layer: {selection.nothing}",
            selection.ignored[0].place,
            help="take the entry out"
            + (f", or take layers back with {selection.kept_key}" if selection.kept_key else ""),
            field=selection.ignore_key,
        )
    elif selection.ignored:
        yield Hit(
            f"{selection.ignore_key} leaves out every layer that is chosen: {selection.nothing}",
            selection.ignored[0].place,
            help="take the entry out, or choose other layers",
            field=selection.ignore_key,
        )


def find_dead_filter_hits(context: RuleContext) -> Iterator[Hit]:
    """The hits of filters that choose no layer where others do."""
    selected = context.compute_once(choose_layers)
    selection = context.setting.behaviour.selection
    if selected is None or selection is None or not selected.reached or selection.each is not None:
        return
    for one in selected.dead:
        yield _build_hit(context, one, selected, None)
    for one in selected.needless:
        yield Hit(
            f"`{one.entry}` in {selection.kept_key} has no effect: it only takes back what is left "
            "out, and nothing that it fits is",
            one.place,
            help=f"leave the others out first: {selection.ignore_key}=[r'.*']",
            field=selection.kept_key,
        )


def find_idle_filter_hits(context: RuleContext) -> Iterator[Hit]:
    """The hits of filters that leave no layer out."""
    selected = context.compute_once(choose_layers)
    selection, tree = context.setting.behaviour.selection, context.tree
    if selected is None or selection is None or tree is None or not selected.candidates:
        return
    for one in selected.idle:
        yield Hit(
            f"`{one.entry}` in {selection.ignore_key} leaves out no layer of {tree.cls}",
            one.place,
            help=_build_help(context, one, selected),
            field=selection.ignore_key,
            repeat=Repeat(f"leave out no layer of {tree.cls}", subject=f"`{one.entry}`"),
        )


def _build_hit(
    context: RuleContext, one: Filter, selected: SelectedLayers, outcome: str | None
) -> Hit:
    selection, tree = context.setting.behaviour.selection, context.tree
    assert selection is not None  # the callers have looked
    assert tree is not None
    reached = sum(group.count for group in selected.reached)
    every = sum(group.count for group in selected.candidates)
    return Hit(
        f"`{one.entry}` in {_get_filter_key(one, selection)} fits no layer of {tree.cls}"
        + (f": {outcome}" if outcome else ""),
        one.place,
        help=_build_help(context, one, selected),
        field=selection.key,
        notes=() if outcome else (f"LoRA reaches {reached} of {count_noun(every, 'layer')}",),
        repeat=None if outcome else Repeat(f"fit no layer of {tree.cls}", subject=f"`{one.entry}`"),
    )


def _get_filter_key(one: Filter, selection: Selection) -> str:
    return selection.kept_key if one in selection.kept else selection.key


def _build_help(context: RuleContext, one: Filter, selected: SelectedLayers) -> str:
    """What to write in the place of a filter that fits nothing."""
    selection, tree = context.setting.behaviour.selection, context.tree
    assert selection is not None  # the callers have looked
    assert tree is not None
    word = one.entry.strip().removeprefix(selection.prefix).strip(".")
    last = find_last_layer(word, tree) or find_last_layer(f"{word}.weight", tree)
    if last is not None:
        return f"the numbers go from 0 to {last} here"
    if not re.fullmatch(r"[\w.]+", word):
        return "write a part of the names of the model's layers"
    names = find_counterparts(word, tree, selected.candidates)
    if names:
        return f"in this model it is {quote_names(names)}"
    layers = list(dict.fromkeys(g.template for g in selected.candidates))
    examples = [selection.prefix + name for name in layers[len(layers) // 2 :][:2]]
    return f"its layers are called like {quote_names(examples)}"
