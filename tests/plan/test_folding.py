"""The plan of a folded tree is the plan of the same tree with every module written out."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.oracle import draw
from bench.oracle.model_names import ModelNames
from loracheck.plan import Plan, plan
from tests.examples import examples

from .trees import TREES, expanded

EXPANDED = {name: expanded(tree) for name, tree in TREES.items()}
NAMES = {name: ModelNames(tree) for name, tree in TREES.items()}


def _told(found: Plan | None) -> dict[str, Any]:
    assert found is not None
    wrapped = {
        name: (one.rank, one.alpha, one.scaling, one.parameters, one.entries, one.kind)
        for one in found.wrapped
        for name in one.names()
    }
    return {
        "error": found.error and found.error._replace(message=""),
        "warnings": sorted(found.warnings, key=str),
        "wrapped": wrapped,
        "saved": Counter((name, s.parameters, s.entry) for s in found.saved for name in s.names()),
        "reaches": found.entry_matches,
        "counts": (found.trainable, found.total, found.targeted),
    }


@pytest.mark.parametrize("name", TREES)
@given(seed=st.integers(0, 2**32))
@examples(150)
def test_folding_changes_nothing(name: str, seed: int) -> None:
    config = draw.draw_config(random.Random(seed), NAMES[name])
    assert _told(plan(config, TREES[name])) == _told(plan(config, EXPANDED[name]))


def test_names_of_groups_are_all_modules() -> None:
    for name, tree in TREES.items():
        assert [m.name for m in tree.modules()] == [m.name for m in EXPANDED[name].modules()]


@pytest.mark.parametrize(("name", "most"), [("small", 7), ("experts", 14), ("convolutional", 3)])
def test_few_groups_stand_for_all(name: str, most: int) -> None:
    config = {"target_modules": "all-linear", "lora_bias": True}
    found = plan(config, TREES[name])
    assert found is not None
    assert found.error is None
    assert len(found.wrapped) <= most
    assert found.targeted == sum(len(list(one.names())) for one in found.wrapped) > 2 * most
