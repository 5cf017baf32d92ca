"""Mistakes that people made with LoRA files, as the issues have them, are told with a mend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes

from ..weights import lora_file

MISTAKES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "mistakes.json").read_text("utf-8")
)


def describe(mistake: dict[str, Any]) -> str:
    """The file's lines: those given, or two matrices of rank 16 for each module."""
    if "text" in mistake:
        return str(mistake["text"])
    lines = []
    for name, (inputs, outputs) in mistake["ab"].items():
        lines += [
            f"{name}.lora_A.weight F16 [16, {inputs}]",
            f"{name}.lora_B.weight F16 [{outputs}, 16]",
        ]
    return "\n".join(lines)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["seen"])
def test_the_mistake_is_told_with_a_mend(mistake: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "lora.safetensors"
    path.write_bytes(lora_file(describe(mistake)))
    serve = (mistake["serve"],) if "serve" in mistake else ()
    settings = LintSettings(select_codes(("ALL",)), mistake.get("model"), serve=serve)
    found = check_file(str(path), path.name, settings).findings
    told = [finding for finding in found if finding.code == mistake["code"]]
    assert told, [(finding.code, finding.message) for finding in found]
    assert all(finding.help for finding in told)
