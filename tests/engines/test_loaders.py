"""The data on PEFT, transformers and merging is what they do: `bench/oracle/loaders.py` runs them
on real adapters, and loaders.json holds what came out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loracheck import engines
from loracheck.engines.judge import PARENTS

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("loaders.json").read_text("utf-8"))
EFFECTS = {"same": {"taken"}, "base": {"ignored"}, "other": {"wrong"}}
NOT_TOLD = ("init",)
"""Cases of one initialisation, of many that the trait means."""


@pytest.mark.parametrize("loader", ["peft", "transformers", "merge"])
def test_the_data_says_what_came_out(loader: str) -> None:
    facts = {fact.what: fact.effect for fact in engines.load(loader).facts}
    for case, row in GOLDEN["cases"].items():
        if case not in NOT_TOLD:
            what = next(word for word in (case, *PARENTS.get(case, ())) if word in facts)
            assert facts[what] in EFFECTS.get(row[loader], {"refused"}), case


@pytest.mark.parametrize("case", GOLDEN["cases"])
def test_the_loaders_still_do_so(case: str) -> None:
    peft = pytest.importorskip("peft")
    transformers = pytest.importorskip("transformers")
    if (peft.__version__, transformers.__version__) != (GOLDEN["peft"], GOLDEN["transformers"]):
        pytest.skip("made with other releases")
    from bench.oracle.loaders import judge_case

    assert judge_case(case) == GOLDEN["cases"][case]
