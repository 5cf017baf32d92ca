"""A model's overview: what LoRA can target in it, usual choices and what they cost, pitfalls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.explain.file.coverage import Component, components
from loracheck.explain.file.module_rows import Row, rows, spots
from loracheck.explain.numbers.base_weights import sizes
from loracheck.plan import plan
from loracheck.plan.peft_tables import load_tables
from loracheck.trees.sources.bundle import others

from .pitfalls import Pitfall, pitfalls
from .target_choices import Choice, choices

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree
    from loracheck.trees.sources.request import Resolved

RANKS = (8, 16, 64)
"""The ranks that choices are priced for."""


class Price(NamedTuple):
    """What a choice trains at one rank."""

    rank: int
    trainable: int
    share: float


class Priced(NamedTuple):
    """A choice with its fields, prices, and what gets LoRA: `modules` and, apart from them,
    `parameters` (fused experts). `refusal` is PEFT's error.
    """

    name: str
    title: str
    fields: dict[str, Any]
    modules: int
    parameters: int
    prices: tuple[Price, ...]
    refusal: str | None


class Line(NamedTuple):
    """Another transformers line: its release, kinds of modules only it has, and that it lacks."""

    transformers: str
    more: tuple[str, ...]
    fewer: tuple[str, ...]


class Overview(NamedTuple):
    """All that is told of a model. `default` is what PEFT targets where a config names nothing
    (None: nothing, and PEFT refuses).
    """

    model: str
    cls: str | None
    model_type: str | None
    source: str | None
    transformers: str | None
    parameters: int
    tied: bool
    rows: tuple[Row, ...]
    components: tuple[Component, ...]
    choices: tuple[Priced, ...]
    default: Priced | None
    pitfalls: tuple[Pitfall, ...]
    lines: tuple[Line, ...]


def overview(model: str, resolved: Resolved) -> Overview:
    """The overview of a tree that is at hand. Raises ValueError where there is none."""
    tree = resolved.tree
    if tree is None:
        raise ValueError("no tree to tell of")
    table = rows(tree, spots(tree, None))
    exact = not tree.partial
    return Overview(
        model=model,
        cls=tree.cls,
        model_type=tree.model_type,
        source=resolved.source,
        transformers=tree.transformers,
        parameters=sizes(tree).total,
        tied=tree.tied_words,
        rows=table,
        components=components(table),
        choices=tuple(_priced(choice, tree) for choice in choices(tree)) if exact else (),
        default=_default(tree) if exact else None,
        pitfalls=pitfalls(
            tree, table, plan({"target_modules": "all-linear"}, tree) if exact else None
        ),
        lines=_lines(model, tree, table),
    )


def _default(tree: ModuleTree) -> Priced | None:
    names = load_tables()["targets"].get(tree.model_type)
    if names is None:
        return None
    return _priced(Choice("default", "PEFT's default", {"target_modules": names}), tree)


def _priced(choice: Choice, tree: ModuleTree) -> Priced:
    prices: list[Price] = []
    modules, parameters, refusal = 0, 0, None
    for rank in RANKS:
        made = plan({**choice.fields, "r": rank}, tree, task=False)
        if made is None or made.error is not None or made.trainable is None or not made.total:
            refusal = made.error.message if made is not None and made.error is not None else None
            break
        parameters = sum(w.group.count for w in made.wrapped if w.parameter is not None)
        modules = made.targeted - parameters
        prices.append(Price(rank, made.trainable, made.trainable / made.total))
    return Priced(
        choice.name, choice.title, choice.fields, modules, parameters, tuple(prices), refusal
    )


def _lines(model: str, tree: ModuleTree, table: tuple[Row, ...]) -> tuple[Line, ...]:
    """How the model's other bundled trees differ in their kinds of modules."""
    here = [row.name for row in table]
    found: list[Line] = []
    for other in others(model, (), tree.transformers):
        there = [row.name for row in rows(other, spots(other, None))]
        more = tuple(dict.fromkeys(name for name in there if name not in here))
        fewer = tuple(dict.fromkeys(name for name in here if name not in there))
        found.append(Line(other.transformers or "?", more, fewer))
    return tuple(found)
