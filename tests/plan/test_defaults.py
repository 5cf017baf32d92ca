"""PEFT's defaults have one home, `loracheck.config.models`; the plan and the checks read them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from loracheck.config.field_table import get_lora_fields, get_sub_config_fields, list_sub_configs
from loracheck.plan.config.effective_config import _NOT_READ, DECISIVE, resolve_config

ROOT = Path(__file__).parents[2] / "loracheck"
TABLES = [get_lora_fields(), *map(get_sub_config_fields, list_sub_configs())]
FEW = 2
"""So many fields with their defaults in a row may be a coincidence."""


def count_defaults(node: ast.Dict) -> int:
    """The most fields of one config class that the dict maps to their defaults."""
    literals: dict[str, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            try:
                literals[key.value] = ast.literal_eval(value)
            except ValueError:
                continue
    return max(
        sum(name in table and table[name].default == value for name, value in literals.items())
        for table in TABLES
    )


@pytest.mark.parametrize("room", ["plan", "config", "rules", "explain", "explorer"])
def test_no_second_table_of_defaults(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict) and count_defaults(node) > FEW
    ]
    assert found == []


def test_a_second_table_is_seen() -> None:
    table = ast.parse('{"r": 8, "lora_alpha": 8, "bias": "none", "use_dora": UNKNOWN}')
    assert count_defaults(table.body[0].value) == 3  # type: ignore[attr-defined]


def test_every_field_is_read_or_left_out() -> None:
    config, unknown = resolve_config({})
    held = {name for name in get_lora_fields() if hasattr(config, name)}
    assert held | _NOT_READ == set(get_lora_fields())
    assert not held & _NOT_READ
    assert held >= DECISIVE
    assert unknown == ()
    for name in held - {"runtime_config"}:
        assert config.get(name) == get_lora_fields()[name].default
