"""Tests of one value of a config, each as a function and as the JSON Schema that says the same."""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.documents.model import Record
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from loracheck.documents.values import Value


class ValueTest(NamedTuple):
    """A test of one value."""

    holds: Callable[[Value], bool]
    schema: dict[str, Any] | None = None
    """The same for values of a right type, None where no schema has a use for it."""


GIVEN = ValueTest(lambda value: value is not None, {"not": {"type": "null"}})
NULL = ValueTest(lambda value: value is None)
TEXT = ValueTest(lambda value: isinstance(value, str), {"type": "string"})
ON = ValueTest(bool, {"const": True})
NO_SWITCH = ValueTest(lambda value: value not in (True, False), {"type": "string"})
TEXT_OR_LIST = ValueTest(
    bool, {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "minItems": 1}]}
)
NOT_ZERO = ValueTest(bool, GIVEN.schema)
MAPPING = ValueTest(
    lambda value: bool(value) or isinstance(value, Record),  # an instance is true, even if empty
    {"type": "object", "minProperties": 1},
)
NO_TASK_TYPE = ValueTest(
    lambda value: value is not None and value not in get_lora_fields()["task_type"].choices
)
PISSA_OR_OLORA = ValueTest(
    lambda value: isinstance(value, str) and (value.startswith("pissa") or value == "olora")
)


def build_equality_test(expected: str) -> ValueTest:
    """The test for one value."""
    return ValueTest(lambda value: value == expected, {"const": expected})


def build_inequality_test(excluded: str) -> ValueTest:
    """The test for any value but one."""
    return ValueTest(lambda value: value != excluded)
