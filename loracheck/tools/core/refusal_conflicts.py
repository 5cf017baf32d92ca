"""Which of a tool's refusals hold for a file, or for a command.

In comes the mapping at the top of a file, out come the refusals that hold, each with the places of
its keys. What the file leaves open (an interpolation, a further argument) holds for nothing.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .conversion import parse_scalar
from .refusal import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from loracheck.documents.model import Path
    from loracheck.documents.values import Value

    from .refusal import Condition, Refusal


class Conflict(NamedTuple):
    """A refusal that holds for a file."""

    refusal: Refusal
    present: tuple[tuple[Path, str], ...]
    """The keys that the file has, with what stands there: `load_in_4bit: true`."""
    absent: tuple[str, ...]
    """The keys that would have to be there."""


class Keys(NamedTuple):
    """The values that conditions are held against."""

    top: Mapping[Any, Value]
    """The mapping at the top of the file."""

    path: Path
    """Where it stands."""

    closed: bool = True
    """Whether a key that is not here is not given at all."""

    calls: Mapping[str, int] | None = None
    """For calls in Python: the name that stands first in a key -> the root of the document with the
    arguments of that call. `top` has them under these names.
    """

    form: str = "yaml"
    """The file's format, "shell" or "omegaconf" for a command line: how keys are shown."""

    sections: Mapping[str, str] | None = None
    """Key of `top` -> the section that it stands in, where sections do not matter."""

    program: str = ""
    """The program of a command, the class of a call in Python, or the name of a file that a tool
    writes of an adapter; empty for any other file.
    """

    def look_up(self, key: str) -> tuple[Value, Path | None]:
        """The value at a key, and its place; null without a place where the file has none."""
        if key == PROGRAM:
            return self.program, None
        steps = key.split(".")
        value: Any = self.top
        for step in steps:
            if isinstance(value, Unknown):
                return value, None
            if isinstance(value, list):
                return _collect(value, step), (*self.path, steps[0])
            if not isinstance(value, dict) or step not in value:
                return (None if self.closed else Unknown(key)), None
            value = value[step]
        if self.calls is not None:
            return value, (self.calls[steps[0]], *steps[1:])
        if self.sections is not None and steps[0] in self.sections:
            return value, (*self.path, self.sections[steps[0]], *steps)
        return value, (*self.path, *steps)


def _collect(blocks: list[Any], key: str) -> Value:
    """The entries of a key's lists in all blocks of a list."""
    lists = (block.get(key) for block in blocks if isinstance(block, dict))
    return [entry for entries in lists if isinstance(entries, list) for entry in entries]


def flatten(top: Mapping[Any, Value], path: Path) -> Keys:
    """The keys of a file in sections as if there were none; a later section wins."""
    inner = [(name, block) for name, block in top.items() if isinstance(block, dict)]
    flat = {name: value for name, value in top.items() if not isinstance(value, dict)}
    sections: dict[str, str] = {}
    for section, block in inner:
        flat.update(block)
        sections.update(dict.fromkeys(block, section))
    return Keys(flat, path, sections=sections)


def find_conflicts(refusals: tuple[Refusal, ...], keys: Keys) -> Iterator[Conflict]:
    """The refusals that hold for certain."""
    there = keys.top.keys()
    for refusal in refusals:
        if any(map(there.isdisjoint, _list_needed_keys(refusal))):
            continue
        held_places = _hold_all(refusal, keys)
        if held_places is not None:
            places = list(dict.fromkeys(held_places))
            absent = (c.key for c in refusal.when if c.test in ("off", "missing") and not c.aside)
            last_keys = {path[-1] for path, _ in places}
            missing = tuple(
                key for key in absent if not last_keys & set(key.replace("|", ".").split("."))
            )
            if places:
                yield Conflict(refusal, tuple(places), missing)


_NEEDS_KEY = frozenset(
    {
        *("on", "is", "given", "above", "at most", "has", "lacks"),
        *("matches", "has match", "entry matches"),
    }
)
"""Tests that a key which is not there does not pass, where the tool has no default for it."""

_needed_keys: dict[int, tuple[Refusal, tuple[tuple[str, ...], ...]]] = {}


def _list_needed_keys(refusal: Refusal) -> tuple[tuple[str, ...], ...]:
    """For each condition that needs a key its names, of which the top of a file must have one for
    the refusal to hold. Most files have few of a tool's keys.
    """
    entry = _needed_keys.get(id(refusal))
    if entry is None or entry[0] is not refusal:
        # The refusal is kept beside, so that its id cannot pass to another.
        entry = _needed_keys[id(refusal)] = refusal, tuple(_find_needed_keys(refusal))
    return entry[1]


def _find_needed_keys(refusal: Refusal) -> Iterator[tuple[str, ...]]:
    for condition in refusal.when:
        names = condition.key.split("|")
        if condition.test in _NEEDS_KEY and condition.default is None and PROGRAM not in names:
            if condition.test == "is" and None in condition.values:
                continue
            yield tuple(name.partition(".")[0] for name in names)


def _hold_all(refusal: Refusal, keys: Keys) -> list[tuple[Path, str]] | None:
    """The places of all conditions; None from the first on that does not hold."""
    all_places: list[tuple[Path, str]] = []
    for condition in refusal.when:
        places = _hold(condition, keys)
        if places is None:
            return None
        all_places += places
    return all_places


def _hold(condition: Condition, keys: Keys) -> list[tuple[Path, str]] | None:
    """The places of the keys by which a condition holds; None where it does not, or may not."""
    read = [(name, *keys.look_up(name)) for name in condition.key.split("|")]
    if keys.calls is not None:  # the first step names the call
        read = [(name.partition(".")[2], value, place) for name, value, place in read]
    if condition.test in ("off", "missing"):
        sure = all(_test(condition, value) for _, value, _ in read)
        return [(place, _show(n, v, keys.form)) for n, v, place in read if place] if sure else None
    # The tool's default is that of a key which the file has under none of its names.
    there = [one for one in read if one[2] is not None]
    for name, value, place in there or read:
        if _test(condition, value):
            return [(place, _show(name, value, keys.form))] if place else []
    return None


def _test(condition: Condition, value: Value) -> bool:
    """Whether a value passes the test for certain."""
    value = parse_scalar(condition.default if value is None else value)
    if isinstance(value, Unknown):
        return False
    values = condition.values
    match condition.test:
        case "on":
            return bool(value)
        case "off":
            return not value
        case "given":
            return value is not None
        case "missing":
            return value is None
        case "above":
            return _is_number(value) and value > values[0]  # type: ignore[operator]
        case "at most":
            return _is_number(value) and value <= values[0]  # type: ignore[operator]
        case "matches":
            return isinstance(value, str) and re.search(str(values[0]), value) is not None
        case "has":
            return any(name in values for name in _split_entries(value))
        case "lacks":
            listed = _split_entries(value)
            return bool(listed) and all(
                isinstance(one, str) and one not in values for one in listed
            )
        case "has match" | "entry matches":
            whole = isinstance(value, str) and condition.test == "entry matches"
            given = [value] if whole else _split_entries(value)
            entries = (one for one in given if isinstance(one, str))
            return any(re.search(str(values[0]), entry) for entry in entries)
        case _:
            return (value in values) is (condition.test == "is")


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _split_entries(value: Value) -> list[Value]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return list(value) if isinstance(value, (list, tuple)) else []


def _show(name: str, value: Value, form: str) -> str:
    """A key with its value as the file writes them, where that is short."""
    if not isinstance(value, (str, int, float)):
        return name
    if form in ("python", "notebook"):
        return f"{name}={value!r}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if form == "shell":
        return f"--{name} {text}"
    if form == "omegaconf":
        return f"{name}={text}"
    return f"{name} = {text}" if form == "toml" else f"{name}: {text}"
