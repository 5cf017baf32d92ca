"""In which form each field of a drawn config stands: what a run has tried, and what it has not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .outcome import Outcome

    Test = Callable[[Any, set[Any]], bool]

CONDENSED_FROM = 20
"""From so many entries on PEFT condenses target_modules."""


def list_forms(config: dict[str, Any], found: Outcome, names: list[str]) -> Iterator[str]:
    """Labels such as "target_modules: list, one entry dead", for every field of the config."""
    if "target_modules" not in config:
        yield "target_modules: left out"
    for field, value in config.items():
        dead = {entry for owner, entry in found.dead if owner == field}
        for label, fits in TESTS.get(field, PLAIN):
            if fits(value, dead):
                yield f"{field}: {label}"
        if field in SPELLED:
            yield f"{field}: {value!r}"
        if field.endswith("_pattern") and isinstance(value, dict) and _keys_overlap(value, names):
            yield f"{field}: keys that overlap"
    yield from _combined_forms(config, found)


def _combined_forms(config: dict[str, Any], found: Outcome) -> Iterator[str]:
    """What needs two fields, or the outcome."""
    if found.error is None:
        if config.get("target_parameters"):
            reached = any(
                name.endswith(tuple(config["target_parameters"])) for name in found.wrapped
            )
            yield f"target_parameters: {'hits' if reached else 'only misses'}"
        if set(_string_entries(config.get("target_modules"))) & set(
            _string_entries(config.get("modules_to_save"))
        ):
            yield "modules_to_save: also a target"
        if len({rank for rank, _, _ in found.wrapped.values()}) > 1:
            yield "rank_pattern: several ranks in one model"
        if found.tokens:
            yield f"trainable_token_indices: {min(len(found.tokens), 2)} layers and more"
    if config.get("use_rslora") and config.get("rank_pattern"):
        yield "use_rslora: with rank_pattern"
    if config.get("exclude_modules") and str(config.get("target_modules")).lower() == "all-linear":
        yield "exclude_modules: with all-linear"


def _string_entries(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _keys_overlap(value: dict[str, Any], names: list[str]) -> bool:
    """Whether two keys match one name."""
    try:
        keys = [re.compile(rf"(.*\.)?({key})$") for key in value]
    except re.error:
        return False
    return len(keys) > 1 and any(sum(bool(k.match(name)) for k in keys) > 1 for name in names)


def _is(kind: type) -> Test:
    return lambda value, _: isinstance(value, kind) and not isinstance(value, bool)


def _has(test: Callable[[str], bool]) -> Test:
    return lambda value, _: any(map(test, _string_entries(value)))


def _is_list(value: Any, _: set[Any]) -> bool:
    return isinstance(value, list) and bool(value)


def _some_unmatched(value: Any, dead: set[Any]) -> bool:
    return isinstance(value, (list, dict)) and 0 < len(dead) < len(set(value))


def _all_unmatched(value: Any, dead: set[Any]) -> bool:
    return isinstance(value, (list, dict)) and bool(value) and len(dead) == len(set(value))


def _none_unmatched(value: Any, dead: set[Any]) -> bool:
    return isinstance(value, (list, dict)) and bool(value) and not dead


EMPTY: tuple[tuple[str, Test], ...] = (
    ("None", lambda value, _: value is None),
    ("empty", lambda value, _: value in ([], "", {})),
)
ENTRIES: tuple[tuple[str, Test], ...] = (
    *EMPTY,
    ("some entries match nothing", _some_unmatched),
    ("no entry matches", _all_unmatched),
)
NAMES: tuple[tuple[str, Test], ...] = (
    *ENTRIES,
    ("list", _is_list),
    ("every entry matches", _none_unmatched),
    ("full path", _has(lambda name: name.count(".") > 1)),
    ("empty string in a list", _has(lambda name: not name)),
    ("number", _has(str.isdigit)),
)
PATTERN: tuple[tuple[str, Test], ...] = (
    *ENTRIES,
    ("every key hits", _none_unmatched),
    ("key with ^", lambda value, _: any(key.startswith("^") for key in value or ())),
    ("key with |", lambda value, _: any("|" in key for key in value or ())),
)
PLAIN: tuple[tuple[str, Test], ...] = (
    *EMPTY,
    ("true", lambda value, _: value is True),
    ("false", lambda value, _: value is False),
    ("text", _is(str)),
    ("whole number", _is(int)),
    ("fraction", _is(float)),
    ("list", _is_list),
    ("mapping", lambda value, _: isinstance(value, dict) and bool(value)),
)
SPELLED = ("task_type", "bias", "init_lora_weights")
TESTS: dict[str, tuple[tuple[str, Test], ...]] = {
    "target_modules": (
        *NAMES,
        ("all-linear", lambda value, _: str(value).lower() == "all-linear"),
        ("all-linear in a list", _has(lambda name: name == "all-linear")),
        ("expression", lambda v, _: isinstance(v, str) and v.lower() not in ("", "all-linear")),
        ("list of 20 and more", lambda v, _: isinstance(v, list) and len(v) >= CONDENSED_FROM),
    ),
    "exclude_modules": (*NAMES, ("expression", _is(str))),
    "modules_to_save": (*NAMES, ("text", _is(str))),
    "rank_pattern": PATTERN,
    "alpha_pattern": PATTERN,
    "layers_to_transform": (
        *EMPTY,
        ("whole number", _is(int)),
        ("list", _is_list),
        ("text", _is(str)),
        ("negative", lambda v, _: isinstance(v, list) and any(n < 0 for n in v)),
        ("past the last layer", lambda v, _: isinstance(v, list) and 99 in v),
    ),
    **dict.fromkeys(SPELLED, ()),
}
