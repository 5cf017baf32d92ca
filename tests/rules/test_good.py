"""Configs that work, odd as some look: no error, no warning. Notes may stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loracheck.documents import read
from loracheck.rules import RuleContext, list_all_rules
from loracheck.tools import find_settings
from loracheck.trees.builder import BuildError, build
from loracheck.trees.model import ModuleTree
from loracheck.trees.sources import bundle
from loracheck.trees.sources.request import ResolvedTree

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("good.json").read_text())


def tree(case: dict[str, Any]) -> ModuleTree:
    """The bundled model, or one that transformers builds from a model type's defaults."""
    heads = (case["head"],) if "head" in case else ()
    if "model" in case:
        found = bundle.find_tree(case["model"], heads)
        assert found is not None, "the model is no longer bundled"
        return found
    try:
        return build({"model_type": case["build"]}, heads)
    except BuildError as error:
        if error.kind == "library-missing":
            pytest.skip(error.reason)
        raise


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_config_that_works_gets_no_error_and_no_warning(case: dict[str, Any]) -> None:
    if case.get("saved"):
        text = json.dumps({"peft_type": "LORA", "peft_version": "0.17.0", "r": 8, **case["config"]})
        (setting,) = find_settings(read("adapter_config.json", text))
    else:
        arguments = ", ".join(f"{key}={value!r}" for key, value in case["config"].items())
        text = f"from peft import LoraConfig\nconfig = LoraConfig({arguments})\n"
        (setting,) = find_settings(read("train.py", text))
    setting.class_given = "head" in case and not case.get("saved")
    judged = RuleContext(setting, ResolvedTree(tree(case), "the test"))
    loud = [
        (rule.code, hit.message)
        for rule in list_all_rules()
        for hit in rule.check(judged)
        if (hit.severity or rule.severity) != "note"
    ]
    assert judged.plan is not None
    assert loud == []
