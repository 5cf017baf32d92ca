"""Make a differing config as small as it can be while it still differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Config = dict[str, Any]


def shrink_config(config: Config, differs: Callable[[Config], bool], budget: int = 150) -> Config:
    """The smallest config found within `budget` trials."""
    best = config
    moved = True
    while moved:
        moved = False
        for smaller in smaller_configs(best):
            budget -= 1
            if budget < 0:
                return best
            if differs(smaller):
                best, moved = smaller, True
                break
    return best


def smaller_configs(config: Config) -> Iterator[Config]:
    """Configs one step smaller: a field less, an entry less, a plainer entry."""
    for field in config:
        yield {k: v for k, v in config.items() if k != field}
    for field, value in config.items():
        if isinstance(value, (list, dict)) and len(value) > 1:
            for smaller in _without_one(value):
                yield {**config, field: smaller}
        if isinstance(value, list):
            for place, entry in enumerate(value):
                if isinstance(entry, str) and "." in entry and "*" not in entry:
                    leaf = entry.rpartition(".")[2]
                    yield {**config, field: [*value[:place], leaf, *value[place + 1 :]]}


def _without_one(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key in value:
            yield {k: v for k, v in value.items() if k != key}
        return
    half = len(value) // 2
    if half > 1:
        yield value[:half]
        yield value[half:]
    for place in range(len(value)):
        yield value[:place] + value[place + 1 :]
