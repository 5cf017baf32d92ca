"""A plan that is joined out of the plans of its single targets is the plan of the config itself."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from bench.oracle import draw
from bench.oracle.model_names import ModelNames
from loracheck.plan import Plan, plan
from loracheck.plan.joined_targets import join_templates, may_join
from loracheck.plan.numbers import FREE, build_template, fill_numbers, split_numbers
from loracheck.trees.model import ModuleTree
from tests.examples import examples

from .trees import SMALL, TREES

NAMES = {name: ModelNames(tree) for name, tree in TREES.items()}


def join(config: dict[str, Any], tree: ModuleTree, peft: str | None = None) -> Plan | None:
    """The plan out of those of the single names; None where it cannot be joined."""
    split = split_numbers(config)
    if split is None or not may_join(split.config, split.numbers.targets):
        return None
    parts = []
    for name in sorted(split.numbers.targets or ()):
        single: dict[str, Any] = {**split.config, "target_modules": [name]}
        alone = plan(single, tree, peft=peft)
        parts.append((name, alone, build_template(alone, single, tree)))
    template = join_templates(parts)
    return fill_numbers(template, split.numbers) if template is not None else None


CHOOSERS = (
    *("exclude_modules", "layers_to_transform", "layers_pattern", "modules_to_save"),
    *("bias", "init_lora_weights", "fan_in_fan_out"),
)


def draw_targets(source: random.Random, tree: ModuleTree, drawn: object) -> list[str]:
    """Ends of names, mostly of modules that can be wrapped; at times with what was `drawn`."""
    kinds = ("Linear", "Embedding", "Conv1d", "Conv2d", "Conv1D")
    modules = [one for one in tree.modules() if one.node.kind in kinds or source.random() < 0.02]
    names = [".".join(one.name.split(".")[-source.choice([1, 1, 1, 2, 3]) :]) for one in modules]
    plain = [one for one in names if not any(map(str.isdigit, one)) or source.random() < 0.01]
    targets = source.sample(plain, min(len(plain), source.randint(1, 6)))
    if source.random() < 0.3:
        targets.append("no_such_proj")
    if isinstance(drawn, list) and source.random() < 0.1:
        targets += drawn
    return source.sample(targets, len(targets))


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("peft", [None, "0.10"])
@given(seed=st.integers(0, 2**32), rank=st.integers(1, 300), inference=st.booleans())
@examples(100)
def test_joined_plan_is_the_plan(
    name: str, peft: str | None, seed: int, rank: int, inference: bool
) -> None:
    source = random.Random(seed)
    drawn = draw.draw_config(source, NAMES[name])
    config = {key: value for key, value in drawn.items() if key in FREE}
    config |= {"r": rank, "inference_mode": inference}
    config["target_modules"] = draw_targets(source, TREES[name], config.get("target_modules"))
    if source.random() < 0.8:  # what cannot be joined is drawn often enough
        config = {key: value for key, value in config.items() if key not in CHOOSERS}
    joined = join(config, TREES[name], peft)
    event(f"joined: {joined is not None}")
    if joined is not None:
        direct = plan(config, TREES[name], peft=peft)
        assert joined == direct
        assert repr(joined) == repr(direct)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"inference_mode": True, "use_rslora": True, "lora_alpha": 3.5},
        {"target_modules": ["self_attn.q_proj", "q_proj", "no_such_proj", "embed_tokens"]},
        {"task_type": "SEQ_CLS"},
    ],
)
def test_usual_configs_can_be_joined(more: dict[str, Any]) -> None:
    config = {"r": 24, "target_modules": ["v_proj", "q_proj", "no_such_proj"], **more}
    assert join(config, SMALL) == plan(config, SMALL)


@pytest.mark.parametrize(
    "more",
    [
        {"target_modules": ["q_proj"]},
        {"target_modules": ["no_such_proj", "nor_this"]},
        {"target_modules": ["q_proj", "layers.1.mlp.up_proj"]},
        {"target_modules": ["q_proj", "self_attn"]},
        {"target_modules": ["q_proj", ""]},
        {"target_modules": "all-linear"},
        {"exclude_modules": ["k_proj"]},
        {"layers_to_transform": [1]},
        {"layers_to_transform": 0},
        {"bias": "lora_only"},
        {"use_dora": True},
    ],
)
def test_other_configs_are_left_to_the_plan(more: dict[str, Any]) -> None:
    assert join({"r": 8, "target_modules": ["q_proj", "v_proj"], **more}, SMALL) is None
