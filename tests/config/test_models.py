"""The pydantic models and `check` judge types, choices and bounds alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from loracheck.config import field_table
from loracheck.config.check import check
from loracheck.config.models import LoraConfig
from tests.examples import examples

from .values import GOOD, ODD, configs

ALONE = {"unknown-field", "wrong-type", "bad-choice", "out-of-range"}
OWN = {
    "all-linear-in-list",
    "dummy-target-modules",
    "invalid-regex",
    "list-in-quotes",
    "modules-to-save-empty-name",
    "replication-empty-range",
    "runtime-config-mapping",
    "tokens-empty",
}
"""Issues of single values that go beyond type, choices and bounds."""


def by_models(values: dict[str, Any]) -> set[tuple[Any, ...]]:
    """Fields (and fields of sub-configs) that the models refuse."""
    try:
        LoraConfig.model_validate(values)
    except ValidationError as error:
        return {place(e["loc"]) for e in error.errors()}
    return set()


def place(path: tuple[Any, ...]) -> tuple[Any, ...]:
    """The field, and below a sub-config its field."""
    field = field_table.get_lora_fields().get(path[0])
    deep = field is not None and field.config is not None and len(path) > 1
    return tuple(path[:2]) if deep else tuple(path[:1])


def by_check(values: dict[str, Any]) -> set[tuple[Any, ...]]:
    """The same, by `check`."""
    found = check(values)
    return {place(i.path) for i in found if i.kind in ALONE and i.id not in OWN}


@pytest.mark.parametrize("name", sorted(field_table.get_lora_fields()))
def test_same_verdict_on_every_odd_value(name: str) -> None:
    for value in [*GOOD.get(name, ()), *ODD]:
        assert by_models({name: value}) == by_check({name: value}), value


@given(configs())
@examples(200)
def test_same_verdict_on_drawn_configs(values: dict[str, Any]) -> None:
    assert by_models(values) == by_check(values)


def test_unknown_fields() -> None:
    assert by_models({"rank": 1}) == by_check({"rank": 1}) == {("rank",)}
