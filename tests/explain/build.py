"""Contexts and impacts for tests: a config on a tree, without a file on disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from loracheck.documents import read
from loracheck.explain.file.assess_setting import assess_setting
from loracheck.explain.file.impact import Impact
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import build_contexts
from loracheck.rules import RuleContext, list_all_rules
from loracheck.tools import find_settings
from loracheck.trees.sources.request import ResolvedTree
from tests.builds import REMEMBERED

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

JOB = LintSettings(frozenset(rule.code for rule in list_all_rules()), trees=REMEMBERED)
"""All rules, no options."""


def case_on(tree: ModuleTree | None, **config: Any) -> RuleContext:
    """The config as an adapter_config.json, held against the tree; None stands for a model that is
    not known.
    """
    text = json.dumps({"peft_type": "LORA", "base_model_name_or_path": "some/model", **config})
    (setting,) = find_settings(read("adapter_config.json", text))
    return RuleContext(setting, ResolvedTree(tree, "a test"))


def effect_on(tree: ModuleTree, **config: Any) -> Impact:
    """What the config does to the tree."""
    return assess_setting(case_on(tree, **config))


def impact_of(model: str, **config: Any) -> Impact:
    """What the config does to a bundled model."""
    text = json.dumps({"peft_type": "LORA", "base_model_name_or_path": model, **config})
    (case,) = build_contexts(read("adapter_config.json", text), JOB)
    assert case.tree is not None, case.resolved
    return assess_setting(case)
