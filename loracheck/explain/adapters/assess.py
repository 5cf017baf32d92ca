"""From a folder of adapters to an `AdapterSetReport`: what PEFT needs to have them on one model, to
combine them (`add_weighted_adapter`), and to swap them (`hotswap_adapter`).
"""

from __future__ import annotations

import re
from itertools import permutations

from loracheck.config.joining.adapter import get_highest_rank
from loracheck.config.joining.exported import check_exported
from loracheck.config.joining.hot_swap import SWAPS_SINCE, check_hot_swap
from loracheck.config.joining.together import check_together
from loracheck.config.joining.weighted_adapter import KINDS, check_weighted
from loracheck.named_tuple import NamedTuple
from loracheck.pipeline.adapter_sets import (
    MOST,
    choose_release,
    list_adapter_files,
    read_adapter_set,
)
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.config.joining.adapter import Adapter, Trouble
    from loracheck.options.lint_settings import LintSettings


_NAMES = re.compile(r"`[^`]*`")
"""Names in a message."""


class OneAdapter(NamedTuple):
    """One adapter of the folder; None for what is not known."""

    name: str
    model: str | None
    rank: int | None
    """The highest rank that its config sets."""
    modules: int | None
    """Modules with LoRA."""


class Obstacle(NamedTuple):
    """Something that PEFT does not do with the adapters, or does otherwise than asked for."""

    ways: tuple[str, ...]
    """The combination types that it holds of; none of other calls."""
    raises: bool
    message: str
    help: str


class AdapterSetReport(NamedTuple):
    """What there is to say about the adapters of one folder."""

    folder: str
    peft: str
    """The PEFT release that judges."""
    adapters: tuple[OneAdapter, ...]
    more: int
    """Further adapters, that were not looked at."""
    together: tuple[Obstacle, ...]
    """What keeps them from being on one model."""
    combined: tuple[Obstacle, ...]
    ways: tuple[str, ...]
    """The combination types that take all of them."""
    swapped: tuple[Obstacle, ...]
    """The first obstacle of each kind; all pairs are looked at."""
    swaps: int
    """Ordered pairs of which the second can take the place of the first."""
    exported: tuple[Obstacle, ...] = ()
    """What keeps llama-export-lora from merging them in one call."""


def assess_adapter_set(folder: str, settings: LintSettings) -> AdapterSetReport:
    """The report of a folder. Raises OSError where it cannot be read."""
    return assess_adapter_files(folder, list_adapter_files(folder), settings)


def assess_adapter_files(
    folder: str, files: Sequence[str], settings: LintSettings
) -> AdapterSetReport:
    """The report of the adapters with these config files."""
    named_adapters = list(read_adapter_set(files[:MOST], settings))
    adapters, release = [one for one, _ in named_adapters], choose_release(folder, settings)
    ways, combined = _combine(adapters, release)
    swaps, swapped = _swap(adapters, release)
    return AdapterSetReport(
        folder,
        ".".join(map(str, release)),
        tuple(_describe(one, model) for one, model in named_adapters),
        max(0, len(files) - MOST),
        (
            *_find_other_models(named_adapters),
            *(_make(one) for one in check_together(adapters, release)),
        ),
        combined,
        ways,
        swapped,
        swaps,
        tuple(_make(one) for one in check_exported(adapters)),
    )


def _describe(adapter: Adapter, model: str | None) -> OneAdapter:
    modules = len(adapter.ranks) if adapter.ranks is not None else None
    return OneAdapter(adapter.name, model, get_highest_rank(adapter), modules)


def _find_other_models(adapters: Sequence[tuple[Adapter, str | None]]) -> list[Obstacle]:
    first: dict[str, str] = {}
    for adapter, model in adapters:
        if model is not None:
            first.setdefault(model, adapter.name)
    if len(first) < 2:
        return []
    listing = ", ".join(f"`{name}` for {model}" for model, name in list(first.items())[:3])
    message = f"they name {len(first)} base models: {listing}{', ...' if len(first) > 3 else ''}"
    return [Obstacle((), False, message, "put those of one base model on it alone")]


def _combine(
    adapters: Sequence[Adapter], release: tuple[int, ...]
) -> tuple[tuple[str, ...], tuple[Obstacle, ...]]:
    """The ways that take all adapters, and what is wrong with which ways."""
    troubles: dict[str, tuple[Trouble, list[str]]] = {}
    ways = []
    for kind in KINDS:
        obstacles = list(check_weighted(adapters, kind, release))
        ways += [kind] * all(one.effect != "raises" for one in obstacles)
        for one in obstacles:
            # The message on ranks begins with the way; the others are the same in all.
            same = one._replace(message=one.message.replace(f'"{kind}" needs', "it needs"))
            # Of several adapters with the same trouble the first is named.
            kinds = troubles.setdefault(_NAMES.sub("", same.message), (same, []))[1]
            kinds += [kind] * (kind not in kinds)
    refusals_first = sorted(troubles.values(), key=lambda item: item[0].effect != "raises")
    return tuple(ways), tuple(_make(one, kinds) for one, kinds in refusals_first)


def _swap(
    adapters: Sequence[Adapter], release: tuple[int, ...]
) -> tuple[int, tuple[Obstacle, ...]]:
    """How many ordered pairs can be swapped, and the first obstacle of each kind."""
    if release < SWAPS_SINCE:
        return 0, ()
    swaps = 0
    kinds: dict[str, Trouble] = {}
    swappable: dict[tuple[int, int], bool] = {}
    alike = [_find_first_alike(adapters, one) for one in adapters]
    for there, new in permutations(range(len(adapters)), 2):
        pair = alike[there], alike[new]
        if pair not in swappable:
            obstacles = list(check_hot_swap(adapters[there], adapters[new], release))
            swappable[pair] = not obstacles
            for one in obstacles:
                plain = one.message.replace(f"`{adapters[there].name}`", "")
                plain = plain.replace(f"`{adapters[new].name}`", "")
                kinds.setdefault(plain.partition(":")[0], one)
        swaps += swappable[pair]
    return swaps, tuple(_make(one) for one in kinds.values())


def _find_first_alike(adapters: Sequence[Adapter], one: Adapter) -> int:
    """The number of the first adapter with the same config and the same modules: checkpoints of one
    run are compared once.
    """
    return next(
        number
        for number, other in enumerate(adapters)
        if other.values == one.values and other.ranks == one.ranks
    )


def _make(trouble: Trouble, ways: Sequence[str] = ()) -> Obstacle:
    return Obstacle(tuple(ways), trouble.effect == "raises", trouble.message, trouble.help)
