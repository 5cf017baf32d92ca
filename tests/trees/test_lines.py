"""One model under two transformers lines: the verdict names the other line where it differs."""

from __future__ import annotations

import json
import re

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.trees.sources.bundle import find_tree, load_index
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


def test_every_release_that_has_the_model_gives_its_own_tree() -> None:
    for release in load_index().releases:
        tree = find_tree(MODEL, release=release)
        assert tree is None or tree.transformers == release


def test_what_matches_on_other_releases_is_told() -> None:
    newest = load_index().releases[0]
    told = r"it matches on transformers 4\.\d+\.\d to 5\.\d+\.\d, where 30 modules have the name"
    for line in (newest, "5"):
        assert any(re.fullmatch(f"{told}; judged here: {newest}", note) for note in notes(line))
    assert notes("4.57") == []
