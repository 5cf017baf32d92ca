"""What PEFT accepts without a word, and loracheck does not.

Every case of cases.json is put before the real PEFT on a tiny real model and before loracheck with
the tree of that very model. PEFT raises nothing and gives no warning; where it does warn, the case
names (`heard`) the one sentence, which says something else or less. loracheck reports the case's
codes. An id begins with the number that the case has in the list of PEFT's silent behaviours.

Not here, because no file shows it: keywords that `from_pretrained(folder, r=16)` drops (E44), the
half-wrapped model that a failed `get_peft_model` leaves behind (E46), an aLoRA invocation that is
in the config and absent from the prompts (first half of E34), `ADALORA` read through `LoraConfig`
and overrides of the JSON (A31, A32: calls), and layer 7 of a plain module that happens to be its
output (the last part of E5: nothing marks it). The order of keys that saving loses (A35) is E21.
NaN as alpha (E16) is in the tests of the config, as JSON has no NaN.
"""

from __future__ import annotations

import json
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from loracheck.documents import read
from loracheck.rules import RuleContext, list_all_rules
from loracheck.tools import find_settings
from loracheck.trees.fold import decode
from loracheck.trees.sources.request import ResolvedTree

pytestmark = pytest.mark.oracle
torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("cases.json").read_text())
OF_NO_INTEREST = (FutureWarning, DeprecationWarning)


@cache
def model(name: str) -> Any:
    """One model for all its cases; PEFT gets copies."""
    from .models import build

    return build(name)


@cache
def tree(name: str) -> Any:
    """The tree of that very model."""
    from loracheck.trees.skeleton.dump import dump

    return decode(json.loads(json.dumps(dump(model(name)))))


def said(case: dict[str, Any]) -> list[str]:
    """What PEFT warns of; an error fails the test by itself."""
    from copy import deepcopy

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        config = peft.LoraConfig(**deepcopy(case["config"]))
        peft.get_peft_model(deepcopy(model(case["model"])), config)
    return [str(w.message) for w in caught if not issubclass(w.category, OF_NO_INTEREST)]


def found(case: dict[str, Any]) -> tuple[set[str], set[str | None]]:
    """Codes, and the fields they speak of, that loracheck reports for a script with the config."""
    arguments = ", ".join(f"{key}={value!r}" for key, value in case["config"].items())
    source = f"from peft import LoraConfig\nconfig = LoraConfig({arguments})\n"
    (setting,) = find_settings(read("train.py", source))
    setting.class_given = case.get("class_given", False)
    judged = RuleContext(setting, ResolvedTree(tree(case["model"]), "the test"))
    hits = [(rule.code, hit.field) for rule in list_all_rules() for hit in rule.check(judged)]
    return {code for code, _ in hits}, {field for _, field in hits}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_peft_is_silent_and_loracheck_is_not(case: dict[str, Any]) -> None:
    heard = [text for text in said(case) if case.get("heard", "\0") not in text]
    assert heard == []
    (codes, fields), wanted = found(case), set(case["codes"])
    assert wanted & codes if case.get("any") else wanted <= codes, codes
    assert set(case.get("fields", ())) <= fields, fields
