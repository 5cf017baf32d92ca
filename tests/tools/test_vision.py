"""Models with a tower: what LLaMA-Factory's `all` and ms-swift's `all-linear` reach, by their own
code (golden/vision/towers.json, written by `python -m bench.tools.vision`), and by the dialects.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from loracheck.documents import read
from loracheck.tools import find_settings

GOLDEN = json.loads(
    (Path(__file__).parent / "golden" / "vision" / "towers.json").read_text("utf-8")
)
FILES: dict[str, dict[str, Any]] = {
    "llamafactory": {"model_name_or_path": "a/b", "stage": "sft", "finetuning_type": "lora"},
    "ms-swift": {"model": "a/b", "tuner_type": "lora"},
}
SWITCHES = {
    "llamafactory": ("freeze_vision_tower",),
    "ms-swift": ("freeze_vit", "freeze_aligner"),
}
ROWS = [
    pytest.param(tool, flags, row, id=f"{tool}-{row['type']}-{flags}")
    for row in GOLDEN["models"]
    for tool in FILES
    for flags in row.get(tool, ())
]


@pytest.mark.parametrize(("tool", "flags", "row"), ROWS)
def test_the_same_layers(tool: str, flags: str, row: dict[str, Any]) -> None:
    switches = dict(zip(SWITCHES[tool], map(json.loads, flags.split(",")), strict=True))
    (setting,) = find_settings(read("a.yaml", yaml.safe_dump({**FILES[tool], **switches})))
    assert setting.behaviour.lists_linear
    exclude = str(setting.fields["exclude_modules"])
    reached = [n for n in row["linear"] if not re.fullmatch(exclude, n) and "lm_head" not in n]
    assert reached == row[tool][flags]
