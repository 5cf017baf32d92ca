"""Equality of JSON values of which parts may be unknown."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .model import Between, OpenDict

if TYPE_CHECKING:
    from typing import Any


def are_equal(one: Any, other: Any) -> bool | None:
    """Whether two values are equal as JSON Schema has it (1 is 1.0 and not true); None where that
    depends on what is unknown. `one` is a setting's value, `other` is known.
    """
    if isinstance(one, Unknown):
        return None
    if isinstance(one, Between):
        number = isinstance(other, (int, float)) and not isinstance(other, bool)
        return None if number and one.low <= other <= one.high else False
    if isinstance(one, dict) and isinstance(other, dict):
        return _compare_mappings(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return _combine_answers(map(are_equal, one, other)) if len(one) == len(other) else False
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _compare_mappings(one: dict[str, Any], other: dict[str, Any]) -> bool | None:
    is_open = isinstance(one, OpenDict)
    if not (one.keys() <= other.keys() if is_open else one.keys() == other.keys()):
        return False
    equal = _combine_answers(are_equal(value, other[key]) for key, value in one.items())
    return None if equal and is_open else equal


def _combine_answers(answers: Any) -> bool | None:
    """Kleene's conjunction: False where one is, else None where one is."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def freeze(value: object) -> Any:
    """A hashable value that is equal for equal JSON values, none of them unknown."""
    if isinstance(value, dict):
        return frozenset((key, freeze(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(map(freeze, value))
    return (bool, value) if isinstance(value, bool) else value
