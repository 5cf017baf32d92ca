"""Whether a value is what PEFT can work with: one small test per field, built from its facts."""

from __future__ import annotations

from functools import cache

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from loracheck.documents.values import Value

    from .field_table import Field

_ARRAYS = (list, tuple, set, frozenset)
_TEXT = (str, Unknown)
FLAG = "bool|null"
"""The type of a switch. PEFT only asks for truth, so 0 and 1 do as well."""


def _is_null(value: Value) -> bool:
    return value is None


def _is_bool(value: Value) -> bool:
    return value is True or value is False


def _is_flag(value: Value) -> bool:
    return value is None or isinstance(value, bool) or (type(value) is int and value in (0, 1))


def _is_int(value: Value) -> bool:
    return isinstance(value, (int, Unknown)) and not isinstance(value, bool)


def _number(value: Value) -> bool:
    return isinstance(value, (int, float, Unknown)) and not isinstance(value, bool)


def _is_string(value: Value) -> bool:
    return isinstance(value, _TEXT)


def _is_dict(value: Value) -> bool:
    return isinstance(value, dict)


def _is_any(value: Value) -> bool:
    return True


_PLAIN: dict[str, Callable[[Any], bool]] = {
    "null": _is_null,
    "bool": _is_bool,
    "int": _is_int,
    "number": _number,
    "str": _is_string,
    "config": _is_dict,
    "any": _is_any,
}


def _build_array_test(
    item: Callable[[Value], bool], kinds: tuple[type, ...]
) -> Callable[[Any], bool]:
    def test(value: Value) -> bool:
        members: Any = value if isinstance(value, kinds) else None
        return members is not None and all(item(member) for member in members)

    return test


def _build_mapping_test(
    key: Callable[[Value], bool], item: Callable[[Value], bool]
) -> Callable[[Any], bool]:
    def test(value: Value) -> bool:
        return (
            isinstance(value, dict)
            and all(map(key, value))
            and all(isinstance(v, Unknown) or item(v) for v in value.values())
        )

    return test


def _build_pair_test(item: Callable[[Value], bool]) -> Callable[[Any], bool]:
    def test(value: Value) -> bool:
        if isinstance(value, Unknown):
            return True
        return isinstance(value, (list, tuple)) and len(value) == 2 and all(map(item, value))

    return test


@cache
def build_single_type_test(name: str) -> Callable[[Any], bool]:
    """The test for one type, without alternatives: "list[str]"."""
    if name in _PLAIN:
        return _PLAIN[name]
    outer, _, inner = name[:-1].partition("[")
    if outer == "dict":
        key, _, item = inner.partition(",")
        return _build_mapping_test(build_single_type_test(key), build_single_type_test(item))
    if outer == "tuple":
        return _build_pair_test(build_single_type_test(inner.partition(",")[0]))
    return _build_array_test(build_single_type_test(inner), (list,) if outer == "bare" else _ARRAYS)


@cache
def build_type_test(types: str) -> Callable[[Any], bool]:
    """The test for a field's type, alternatives joined by "|"."""
    if types == FLAG:
        return _is_flag
    tests = [build_single_type_test(name) for name in types.split("|")]
    if len(tests) == 1:
        return tests[0]

    def test(value: Value) -> bool:
        return any(one(value) for one in tests)

    return test


def is_allowed(field: Field, value: Any) -> bool:
    """Whether a value of a right type is one of the field's choices (or fits its pattern)."""
    if value is None or isinstance(value, (bool, Unknown)) or value in field.choices:
        return True
    if field.name == "init_lora_weights" and value.lower() in ("gaussian", "olora"):
        return True  # PEFT lowers these two before it compares, and no others.
    if field.pattern is None:
        return False
    import re

    # The pattern ends in "$", which lets a last newline pass.
    return re.match(field.pattern, value) is not None and not value.endswith("\n")


def is_in_bounds(value: Any, limits: Mapping[str, float]) -> bool:
    """Whether a number keeps min, max, above and below, and is neither NaN nor infinite."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return False
    return not (
        ("min" in limits and value < limits["min"])
        or ("max" in limits and value > limits["max"])
        or ("above" in limits and value <= limits["above"])
        or ("below" in limits and value >= limits["below"])
    )


def get_field_limits(field: Field) -> Mapping[str, float]:
    """The field's own bounds."""
    limits = {"min": field.min, "max": field.max, "above": field.above, "below": field.below}
    return {name: bound for name, bound in limits.items() if bound is not None}


def is_refused(field: Field, number: float) -> bool:
    """Whether the `__post_init__` of a sub-config refuses the number, compared as PEFT compares it.

    Of a whole number PEFT asks only whether it is above 0, so that 0.5 passes; NaN passes always.
    Raises TypeError for a value that does not compare with a number.
    """
    bounds = {"above": 0} if field.type == "int" else get_field_limits(field)
    return (
        ("min" in bounds and number < bounds["min"])
        or ("max" in bounds and number > bounds["max"])
        or ("above" in bounds and number <= bounds["above"])
    )


def iterate_numbers(value: Value) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every number inside a container, with its path."""
    if isinstance(value, dict):
        rows: Any = value.items()
    elif isinstance(value, _ARRAYS):
        rows = enumerate(value)
    else:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield (), value
        return
    for key, item in rows:
        for path, number in iterate_numbers(item):
            yield (key, *path), number


_TESTS: dict[tuple[str, str], Callable[[Any], bool]] = {}


def get_value_test(field: Field) -> Callable[[Any], bool]:
    """One test for all that is known of the field: type, choices and bounds."""
    key = (field.owner, field.name)
    if key not in _TESTS:
        _TESTS[key] = _build(field)
    return _TESTS[key]


def _build(field: Field) -> Callable[[Any], bool]:
    typed, limits, items = build_type_test(field.type), get_field_limits(field), field.items or {}
    if field.choices:
        return lambda value: typed(value) and is_allowed(field, value)
    if items:
        return lambda value: (
            typed(value)
            and all(is_in_bounds(number, items) for _, number in iterate_numbers(value))
        )
    if limits or "number" in field.type:
        return lambda value: (
            typed(value) and (isinstance(value, Unknown) or is_in_bounds(value, limits))
        )
    return typed
