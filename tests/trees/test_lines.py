"""One model under two transformers lines: the verdict names the other line where it differs."""

from __future__ import annotations

import json

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.trees.sources.bundle import LINES, find_tree
from loracheck.trees.sources.request import TreeOptions

MODEL = "mistralai/Voxtral-Mini-3B-2507"
CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": MODEL,
    "r": 8,
    "lora_alpha": 8,
    "target_modules": "language_model.model.layers.*q_proj",
}


def notes(line: str | None) -> list[str]:
    """The notes of LC201 for the config judged by one line."""
    job = LintSettings(frozenset({"LC201"}), trees=TreeOptions(line))
    outcome = check_file("adapter_config.json", "x", job, json.dumps(CONFIG).encode())
    return [note for finding in outcome.findings for note in finding.notes]


def test_every_line_is_bundled_with_its_own_version() -> None:
    for line in LINES:
        tree = find_tree(MODEL, transformers=line)
        assert tree is not None
        assert f"{tree.transformers}.".startswith(f"{line}.")


def test_what_matches_on_the_other_line_alone_is_told() -> None:
    assert any("it matches on transformers 4.57" in note for note in notes(None))
    assert any("it matches on transformers 4.57" in note for note in notes("5"))
    assert notes("4.57") == []
