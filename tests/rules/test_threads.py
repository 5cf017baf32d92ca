"""Mistakes that people reported in public threads: the file as they had it, and what is found.

threads.json holds the thread, what went wrong in a line, the file (shortened to what matters), and
what it is held against. The findings named there must be among those reported.
"""

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
from loracheck.trees.sources.request import NO_MODEL, ResolvedTree

from .test_real_mistakes import from_remote_code

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("threads.json").read_text())


def tree(case: dict[str, Any]) -> ModuleTree | None:
    """What the file is held against."""
    heads = (case["head"],) if "head" in case else ()
    if "remote" in case:
        return from_remote_code(case["remote"])
    if "model" in case:
        found = bundle.find_tree(case["model"], heads)
        assert found is not None, "the model is no longer bundled"
        return found
    if "build" not in case:
        return None
    try:
        return build(case["build"], heads)
    except BuildError as error:
        if error.kind == "library-missing":
            pytest.skip(error.reason)
        raise


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{c['says']}" for n, c in enumerate(CASES)])
def test_the_mistake_is_found(case: dict[str, Any]) -> None:
    (setting,) = find_settings(read(case["path"], "\n".join(case["text"]) + "\n"))
    setting.class_given = "head" in case
    known = tree(case)
    resolved = NO_MODEL if known is None else ResolvedTree(known, "the test")
    judged = RuleContext(setting, resolved, case.get("peft"))
    codes = {rule.code for rule in list_all_rules() for _ in rule.check(judged)}
    assert set(case["codes"]) <= codes, codes
