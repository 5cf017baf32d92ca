"""The table of diffusers' training scripts, held against what their own source says
(diffusers_scripts.json, written by `python -m bench.tools.diffusers_scripts`).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from loracheck.tools.diffusers import SCRIPTS

SOURCE: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("diffusers_scripts.json").read_text("utf-8")
)


@pytest.mark.parametrize("name", sorted(SOURCE))
def test_a_script_is_as_its_source_says(name: str) -> None:
    script = next(one for one in SCRIPTS if re.fullmatch(one.pattern, name))
    said = SOURCE[name]
    assert set(script.options.split()) == set(said["options"])
    assert script.rank == said["options"]["rank"]
    assert script.alpha == said["options"].get("lora_alpha")
    if said["targets"]:
        assert list(script.targets) == said["targets"]
    assert [script.cls] == (said["classes"] or ["UNet2DConditionModel"])


def test_every_row_is_a_script() -> None:
    rows = {script.pattern for script in SCRIPTS}
    met = {
        next(one.pattern for one in SCRIPTS if re.fullmatch(one.pattern, name)) for name in SOURCE
    }
    assert met == rows
