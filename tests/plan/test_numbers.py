"""A plan that was made with rank 1 and filled with numbers is the plan of the config itself."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from bench.oracle import draw
from bench.oracle.model_names import ModelNames
from loracheck.plan import Plan, plan
from loracheck.plan.numbers import FREE, build_template, fill_numbers, split_numbers
from loracheck.trees.model import ModuleTree
from tests.examples import examples

from .trees import SMALL, TREES

NAMES = {name: ModelNames(tree) for name, tree in TREES.items()}
NUMBERS = st.fixed_dictionaries(
    {"r": st.integers(1, 300)},
    optional={
        "lora_alpha": st.integers(1, 600) | st.floats(0, 600),
        "lora_dropout": st.sampled_from([0, 0.0, 0.05, 0.5, 1.0]),
        "use_rslora": st.booleans(),
        "inference_mode": st.booleans(),
    },
)


def fill(config: dict[str, Any], tree: ModuleTree, peft: str | None = None) -> Plan | None:
    """The plan by a template; None where none can stand for it."""
    split = split_numbers(config)
    if split is None:
        return None
    template = build_template(plan(split[0], tree, peft=peft), split[0], tree)
    return fill_numbers(template, split[1]) if template is not None else None


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("peft", [None, "0.10"])
@given(seed=st.integers(0, 2**32), numbers=NUMBERS)
@examples(100)
def test_filled_plan_is_the_plan(
    name: str, peft: str | None, seed: int, numbers: dict[str, Any]
) -> None:
    source = random.Random(seed)
    drawn = draw.draw_config(source, NAMES[name])
    config = {key: value for key, value in drawn.items() if key in FREE} | numbers
    targets = config.get("target_modules")
    if isinstance(targets, list):
        source.shuffle(targets)
    filled = fill(config, TREES[name], peft)
    event(f"filled: {filled is not None}")
    if filled is not None:
        direct = plan(config, TREES[name], peft=peft)
        assert filled == direct
        assert repr(filled) == repr(direct)  # 1, 1.0 and True are equal


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"lora_alpha": 3.5, "use_rslora": True, "lora_dropout": 0.1},
        {"inference_mode": True, "bias": "all"},
        {"layers_to_transform": [1, 2], "exclude_modules": ["k_proj"], "bias": "lora_only"},
        {"target_modules": "all-linear"},
        {"target_modules": ["embed_tokens", "q_proj"]},
    ],
)
def test_usual_configs_can_be_filled(more: dict[str, Any]) -> None:
    config = {"r": 24, "target_modules": ["v_proj", "q_proj", "no_such_proj"], **more}
    assert fill(config, SMALL) == plan(config, SMALL)


@pytest.mark.parametrize(
    "more",
    [
        {"r": 0},
        {"r": True},
        {"lora_alpha": float("nan")},
        {"lora_dropout": 2},
        {"use_dora": True},
        {"rank_pattern": {"q_proj": 4}},
        {"init_lora_weights": "pissa"},
        {"modules_to_save": ["lm_head"]},
        {"target_modules": ["no_such_proj"]},
        {"layers_to_transform": [1], "target_modules": "q_proj"},
    ],
)
def test_configs_whose_numbers_decide_more_are_left_to_the_plan(more: dict[str, Any]) -> None:
    assert fill({"r": 8, "target_modules": ["q_proj"], **more}, SMALL) is None
