"""A model's overview: what LoRA can target in it, usual choices and what they cost, pitfalls."""

from __future__ import annotations

from loracheck.explain.file.coverage import Component, sum_components
from loracheck.explain.file.module_rows import ModuleRow, build_rows, split_modules
from loracheck.explain.numbers.base_weights import count_parameters
from loracheck.named_tuple import NamedTuple
from loracheck.plan import plan
from loracheck.plan.peft_tables import load_tables
from loracheck.releases.release_table import format_runs
from loracheck.trees.sources.bundle import find_other_trees, load_index
from loracheck.type_checking import TYPE_CHECKING

from .pitfalls import Pitfall, find_pitfalls
from .target_choices import Choice, list_choices

if TYPE_CHECKING:
    from typing import Any

    from loracheck.trees.model import ModuleTree
    from loracheck.trees.sources.request import ResolvedTree

RANKS = (8, 16, 64)
"""Ranks for which the cost of a choice is given."""


class RankCost(NamedTuple):
    """Trainable parameters of a choice at one rank; `share` is of all parameters, 0 to 1."""

    rank: int
    trainable: int
    share: float


class ChoiceCost(NamedTuple):
    """A choice with its fields, prices, and what gets LoRA: `modules` and, apart from them,
    `parameters` (fused experts). `refusal` is PEFT's error.
    """

    name: str
    title: str
    fields: dict[str, Any]
    modules: int
    parameters: int
    prices: tuple[RankCost, ...]
    refusal: str | None


class ReleaseDifference(NamedTuple):
    """Other transformers releases: "4.49.0 to 4.57.6", kinds of modules that only they have, and
    that they lack.
    """

    transformers: str
    more: tuple[str, ...]
    fewer: tuple[str, ...]


class Overview(NamedTuple):
    """Everything that is said of a model.

    `default` is what PEFT targets where a config names nothing, None where it then refuses.
    """

    model: str
    cls: str | None
    model_type: str | None
    source: str | None
    transformers: str | None
    parameters: int
    tied: bool
    rows: tuple[ModuleRow, ...]
    components: tuple[Component, ...]
    choices: tuple[ChoiceCost, ...]
    default: ChoiceCost | None
    pitfalls: tuple[Pitfall, ...]
    lines: tuple[ReleaseDifference, ...]


def describe_model(model: str, resolved: ResolvedTree) -> Overview:
    """The overview of a model whose tree was found. Raises ValueError where there is none."""
    tree = resolved.tree
    if tree is None:
        raise ValueError("no tree to tell of")
    table = build_rows(tree, split_modules(tree, None))
    exact = not tree.partial
    return Overview(
        model=model,
        cls=tree.cls,
        model_type=tree.model_type,
        source=resolved.source,
        transformers=tree.transformers,
        parameters=count_parameters(tree).total,
        tied=tree.tied_words,
        rows=table,
        components=sum_components(table),
        choices=tuple(_compute_choice_cost(choice, tree) for choice in list_choices(tree))
        if exact
        else (),
        default=_compute_default_cost(tree) if exact else None,
        pitfalls=find_pitfalls(
            tree, table, plan({"target_modules": "all-linear"}, tree) if exact else None
        ),
        lines=_compare_releases(model, tree, table),
    )


def _compute_default_cost(tree: ModuleTree) -> ChoiceCost | None:
    names = load_tables()["targets"].get(tree.model_type)
    if names is None:
        return None
    return _compute_choice_cost(
        Choice("default", "PEFT's default", {"target_modules": names}), tree
    )


def _compute_choice_cost(choice: Choice, tree: ModuleTree) -> ChoiceCost:
    prices: list[RankCost] = []
    modules, parameters, refusal = 0, 0, None
    for rank in RANKS:
        result = plan({**choice.fields, "r": rank}, tree, task=False)
        if (
            result is None
            or result.error is not None
            or result.trainable is None
            or not result.total
        ):
            refusal = (
                result.error.message if result is not None and result.error is not None else None
            )
            break
        parameters = sum(w.group.count for w in result.wrapped if w.parameter is not None)
        modules = result.targeted - parameters
        prices.append(RankCost(rank, result.trainable, result.trainable / result.total))
    return ChoiceCost(
        choice.name, choice.title, choice.fields, modules, parameters, tuple(prices), refusal
    )


def _compare_releases(
    model: str, tree: ModuleTree, table: tuple[ModuleRow, ...]
) -> tuple[ReleaseDifference, ...]:
    """How the model's other bundled trees differ in their kinds of modules."""
    here = [row.name for row in table]
    differences: dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[str, str]]] = {}
    for other in find_other_trees(model, (), tree.transformers):
        there = [row.name for row in build_rows(other.tree, split_modules(other.tree, None))]
        more = tuple(dict.fromkeys(name for name in there if name not in here))
        fewer = tuple(dict.fromkeys(name for name in here if name not in there))
        differences.setdefault((more, fewer), []).append((other.newest, other.oldest))
    return tuple(
        ReleaseDifference(format_runs(load_index().releases, runs), *names)
        for names, runs in differences.items()
    )
