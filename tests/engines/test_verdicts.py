"""What is said of adapters that real PEFT saved, engine by engine, is what the engines' sources do.

verdicts.json holds for each adapter of make_adapters.py what an engine does with it, written from
the engine's source, and the place there: "refused" (loading or converting fails), "changed" (served
otherwise than PEFT does, or only with an option), "taken" (nothing is to be said).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes

pytest.importorskip("peft")

from .make_adapters import CASES, make_adapter, say_in_config

VERDICTS: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("verdicts.json").read_text("utf-8")
)
MODELS = {
    "query-classifier": "FacebookAI/roberta-base",
    "saved-norms": "meta-llama/Llama-3.1-8B",
    "saved-final-norm": "meta-llama/Llama-3.1-8B",
    "up-alone": "meta-llama/Llama-3.1-8B",
}
"""Base models of adapters that are told by the model's tree; the others need none."""


def test_each_adapter_has_its_verdicts() -> None:
    assert set(VERDICTS) == set(CASES)


@pytest.mark.parametrize("name", VERDICTS)
def test_the_engines_are_told_rightly(name: str, tmp_path: Path) -> None:
    make_adapter(name, tmp_path)
    say_in_config(tmp_path, base_model_name_or_path=MODELS.get(name, "someone/tiny"))
    told = {engine: say_verdict(tmp_path, engine) for engine in VERDICTS[name]}
    assert told == {engine: row[0] for engine, row in VERDICTS[name].items()}


def say_verdict(folder: Path, engine: str) -> str:
    """The worst that is found on serving the adapter by the engine, in the table's words."""
    job = LintSettings(select_codes(("LC5",)), serve=(engine,))
    found = check_file(str(folder / "adapter_config.json"), "a", job).findings
    severities = {one.severity for one in found}
    if "error" in severities:
        return "refused"
    return "changed" if "warning" in severities else "taken"
