"""PEFT's own tables, generated from the installed PEFT (`python -m bench.oracle.tables`)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("tables.json")


@cache
def tables() -> dict[str, Any]:
    """Keys: `targets` (model type to default target modules), `moe_models`, `moe_targets`,
    `moe_fused`, `refused_convolutions` (class name to the TypeError its constructor gives PEFT),
    `versions`.
    """
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found
