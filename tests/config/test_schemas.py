"""The JSON Schemas: valid, current, and of one mind with `check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given
from jsonschema import Draft202012Validator

from loracheck.config import field_table, generate
from loracheck.config.check import check
from loracheck.config.issue import Issue
from loracheck.config.schema import build_config_schema
from tests.examples import examples

from .values import GOOD, ODD, configs

SCHEMAS = Path(__file__).parents[2] / "schemas"
LORA = Draft202012Validator(build_config_schema("lora_config"))
ADAPTER = Draft202012Validator(build_config_schema("adapter_config"))
SAID = {
    "layers-to-transform-with-regex",
    "layers-pattern-with-regex",
    "layers-pattern-without-layers",
    "dora-with-megatron",
    "loftq-without-config",
    "lora-bias-with-init",
    "lora-bias-with-dora",
}
"""Conflicts that the schema says too."""
OWN = {
    "all-linear-in-list",
    "dummy-target-modules",
    "invalid-regex",
    "list-in-quotes",
    "modules-to-save-empty-name",
    "replication-empty-range",
    "tokens-empty",
    "bdlora-overlap",
}
"""Issues that are beyond the schema."""


def test_files_are_current() -> None:
    for path, text in generate.build_file_texts().items():
        assert path.read_text(encoding="utf-8") == text, path


def test_no_file_is_left_over() -> None:
    made = set(generate.build_file_texts())
    assert set((SCHEMAS / "peft").iterdir()) <= made


@pytest.mark.parametrize(
    "path", sorted(SCHEMAS.rglob("*config*.schema.json")), ids=lambda p: p.name
)
def test_valid_by_the_meta_schema(path: Path) -> None:
    made = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(made)
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert made["$id"].startswith("urn:loracheck:schema:")
    assert made["additionalProperties"] is False
    for name, node in made["properties"].items():
        assert node["title"] == name
        assert node["description"].endswith(".")
        assert "default" in node or "const" in node
        for example in node.get("examples", ()):
            assert Draft202012Validator({**node, "$defs": made["$defs"]}).is_valid(example)


def test_the_two_schemas_hold_every_field() -> None:
    names = set(field_table.get_lora_fields())
    assert set(build_config_schema("lora_config")["properties"]) == names
    assert set(build_config_schema("adapter_config")["properties"]) == names - {"runtime_config"}


def as_json(values: dict[str, Any]) -> Any:
    """The values as a file would carry them, or None where it cannot."""
    try:
        text = json.dumps(values, allow_nan=False)
    except (TypeError, ValueError):
        return None
    back = json.loads(text)
    return back if back == values else None


def against(issues: list[Issue]) -> bool:
    """Whether the schema should refuse."""
    return any(
        (
            i.kind in ("unknown-field", "wrong-type", "bad-choice", "out-of-range")
            and i.id not in OWN
        )
        or i.id in SAID
        for i in issues
    )


def narrower(values: Any) -> bool:
    """What PEFT takes and the schema does not offer: 0 and 1 for a flag, other cases, 8.0."""
    for name, value in values.items():
        field = field_table.get_lora_fields().get(name)
        if field is None:
            continue
        if field.type == "bool|null" and type(value) is int:
            return True
        if field.name == "init_lora_weights" and value == "Gaussian":
            return True
        if isinstance(value, dict):
            for inner in value.values():
                if type(inner) in (int, float, bool):
                    return True
        if isinstance(value, (list, float)):
            return True
    return False


@given(configs())
@examples(200, allow=list(HealthCheck))
def test_same_verdict(values: dict[str, Any]) -> None:
    made = as_json(values)
    assume(made is not None and not narrower(made))
    assert LORA.is_valid(made) != against(check(made)), (made, check(made))


@pytest.mark.parametrize("name", sorted(field_table.get_lora_fields()))
def test_same_verdict_on_every_odd_value(name: str) -> None:
    field = field_table.get_lora_fields()[name]
    for value in [*GOOD.get(name, ()), *ODD]:
        made = as_json({name: value})
        flag = field.type == "bool|null" and type(value) is int
        whole = json.dumps(value).endswith((".0", ".0]", ".0}")) if made else False
        if made is None or flag or value == "Gaussian" or whole:
            continue
        assert LORA.is_valid(made) != against(check(made)), (made, check(made))


def test_an_adapter_file_needs_its_type() -> None:
    assert not ADAPTER.is_valid({"r": 8})
    assert not ADAPTER.is_valid({"r": 8, "peft_type": "ADALORA"})
    assert not ADAPTER.is_valid({"peft_type": "LORA", "runtime_config": {}})
    assert ADAPTER.is_valid(
        {"r": 8, "peft_type": "LORA", "auto_mapping": {"base_model_class": "X"}}
    )


def test_conflicts_are_refused() -> None:
    for values in (
        {"target_modules": ".*q", "layers_to_transform": [0]},
        {"target_modules": ".*q", "layers_pattern": "layers", "layers_to_transform": None},
        {"layers_pattern": "layers"},
        {"use_dora": True, "megatron_config": {"a": 1}},
        {"init_lora_weights": "loftq"},
        {"lora_bias": True, "use_dora": True},
        {"lora_bias": True, "init_lora_weights": "eva"},
    ):
        assert not LORA.is_valid(values), values
