"""PEFT's own tables, generated from the installed PEFT (`python -m bench.oracle.tables`)."""

from __future__ import annotations

import json
from functools import cache
from os.path import dirname, join
from typing import Any

PATH = join(dirname(__file__), "tables.json")


@cache
def tables() -> dict[str, Any]:
    """Keys: `targets` (model type to default target modules), `moe_models`, `moe_targets`,
    `moe_fused`, `refused_convolutions` (class name to the TypeError its constructor gives PEFT),
    `versions`.
    """
    with open(PATH, encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found
