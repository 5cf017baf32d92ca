"""Bounds on what a text may unfold to, and the values in it that are not known before run time."""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

from .model import Unknown

if TYPE_CHECKING:
    from datetime import date
    from typing import Any, TypeAlias

    Scalar: TypeAlias = bool | int | float | str | bytes | date | Unknown | None
    Value: TypeAlias = (
        Scalar
        | dict[Any, "Value"]
        | list["Value"]
        | tuple["Value", ...]
        | set["Value"]
        | frozenset["Value"]
    )
    """A value of a config, as a document gives it: what JSON has, `Unknown` for what only running
    the file would tell, and `Record` (a dict) for a config class called in Python. Tuples and sets
    come from Python alone, bytes and dates from Python and YAML. Keys of a dict are text nearly
    always; in YAML and Python they may be numbers, null, truth values or dates.
    """
    Table: TypeAlias = dict[Any, Value]
    """A mapping of a document, as each section of a tool's file is. Keys: see Value."""

MAX_DEPTH = 100
"""Deepest nesting that is read: what walks the values later may then recurse."""

MAX_VALUES = 150_000
"""Most values a document may unfold to, each alias counted as often as it is used: so many cost
some 60 MB with their places. (cfn-lint's alias guard has 250,000.)
"""

MAX_PROBLEMS = 1_000
"""Most places of one kind of problem that are kept of a document: each costs a kilobyte, and a
report lists fewer.
"""

MAX_DIGITS = 4300
"""Longest whole number: what `int` takes (sys.int_info.default_max_str_digits)."""

_INTERPOLATIONS = (("${", "}"), ("{{", "}}"), ("{%", "%}"))
"""How what is filled in at run time begins and ends."""
_SURROGATE = "[\ud800-\udfff]"


class ExcessError(Exception):
    """A value unfolds to too much. `reason` is a sentence; `path` leads to the place."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def measure(value: Any) -> None:
    """Raises ExcessError where a value is nested too deep, unfolds to too many values, or contains
    itself. Takes time in proportion to the distinct objects, so an alias bomb costs nothing.
    """
    measures: dict[int, tuple[int, int] | None] = {}
    stack = [value]
    while stack:
        top = stack[-1]
        children = _get_children(top)
        if id(top) not in measures:
            measures[id(top)] = None
            waiting = [c for c in children if _get_children(c) and id(c) not in measures]
            if any(_get_children(c) and measures.get(id(c), 0) is None for c in children):
                raise ExcessError("an alias contains itself, so the value has no end")
            stack += waiting
            continue
        stack.pop()
        if measures[id(top)] is None:
            measures[id(top)] = _sum(measures, children)


def _sum(measures: dict[int, tuple[int, int] | None], children: Any) -> tuple[int, int]:
    size, depth = 1, 0
    for child in children:
        one = measures.get(id(child)) or (1, 0)
        size += one[0]
        depth = max(depth, one[1])
    if depth >= MAX_DEPTH:
        raise ExcessError(f"nested deeper than {MAX_DEPTH} levels")
    if size > MAX_VALUES:
        raise ExcessError(f"unfolds to more than {MAX_VALUES:,} values")
    return size, depth + 1


def _get_children(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


def may_hold_unknowns(text: str) -> bool:
    """Whether `mark_unknown_values` has anything to do in values read from this text."""
    return "${" in text or "{{" in text or "{%" in text or "\\u" in text or "\\U" in text


def mark_unknown_values(value: object, seen: set[int] | None = None) -> Any:
    """The value with Unknown for every string that is filled in at run time (`${ENV}`,
    `${oc.env:X}`, `{{ jinja }}`). Lists and mappings are changed in place, each once.
    """
    seen = set() if seen is None else seen
    if isinstance(value, str):
        return mark_unknown_text(value)
    if not isinstance(value, (dict, list)) or id(value) in seen:
        return value
    seen.add(id(value))
    if isinstance(value, list):
        value[:] = [mark_unknown_values(item, seen) for item in value]
    else:
        items = [
            (replace_surrogates(key), mark_unknown_values(item, seen))
            for key, item in value.items()
        ]
        value.clear()
        value.update(items)
    return value


def mark_unknown_text(text: str) -> str | Unknown:
    """A string, or Unknown where it holds an interpolation."""
    return Unknown(replace_surrogates(text)) if _is_filled_in(text) else replace_surrogates(text)


def _is_filled_in(text: str) -> bool:
    """Whether an end stands behind the first beginning; no regular expression, which would look
    for the end from each of them.
    """
    for begin, end in _INTERPOLATIONS:
        at = text.find(begin)
        if at >= 0 and text.find(end, at + len(begin)) >= 0:
            return True
    return False


def replace_surrogates(key: Any) -> Any:
    """A string without lone surrogates (`"\\ud800"` in JSON), which nothing could print."""
    if not isinstance(key, str) or key.isascii():
        return key
    return re.sub(_SURROGATE, "\ufffd", key)
