"""Situations that PEFT's own tests are about, as facts: what is wrapped at which rank, what is
saved, or the error. The plan must say so, and the real PEFT must agree with it in everything.

The situations are those of PEFT 0.21.2 tests/test_tuners_utils.py (targets, exclusions, parameters,
patterns of ranks and alphas, condensed targets) and tests/test_custom_models.py (layer classes,
DoRA, modules to save, bias, block-diagonal LoRA); models, names and numbers are others.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

from bench.oracle import peft_side, plan_side
from bench.oracle.outcome import find_differences

from .scenario_models import MODELS

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning"),
]


class Fact(NamedTuple):
    """A model and a config: the ranks of what is wrapped, or the code of the error."""

    model: str
    config: dict[str, Any]
    wrapped: dict[str, int] | str
    saved: tuple[str, ...] = ()


ALL = {"target_modules": "all-linear"}
NESTED = ("foo", "bar", "mod.foo", "mod.foox", "mod.mod.foo", "mod.mod.xfoo")
QUERIES = [f"blocks.{n}.query" for n in range(21)]
LAYERS = "model.layers.{}.{}"


def ranks(*names: str, r: int = 8, **other: int) -> dict[str, int]:
    """Every name at rank r, but those given otherwise (with _ for a dot)."""
    return {**dict.fromkeys(names, r), **{k.replace("_", "."): v for k, v in other.items()}}


def layered(part: str, *numbers: int) -> dict[str, int]:
    return ranks(*(LAYERS.format(n, part) for n in numbers))


FACTS = [
    # targets in every form
    Fact("mlp", {"target_modules": "up"}, ranks("up")),
    Fact("mlp", {"target_modules": ["up"]}, ranks("up")),
    Fact("mlp", {"target_modules": ["up", "down"]}, ranks("up", "down")),
    Fact("mlp", {"target_modules": "up|down"}, ranks("up", "down")),
    Fact("mlp", {"target_modules": ".*o.*"}, "unsupported-module"),
    Fact("mlp", {"target_modules": ["up", "missing"]}, ranks("up")),
    Fact("mlp", {"target_modules": ["missing"]}, "no-target-matches"),
    Fact("mlp", {"target_modules": []}, "no-targets-given"),
    Fact("mlp", {}, "no-default-targets"),
    Fact("mlp", ALL, ranks("up", "down")),
    Fact("mlp", {"target_modules": "ALL-Linear"}, ranks("up", "down")),
    Fact("mlp", {"target_modules": ["all-linear"]}, "no-target-matches"),
    Fact("mlp", {"target_modules": ["act"]}, "unsupported-module"),
    Fact("numbers", {"target_modules": ["0"]}, ranks("0", "2.0")),
    Fact("numbers", {"target_modules": "0"}, ranks("0")),
    Fact("numbers", {"target_modules": ["2.1"]}, ranks("2.1")),
    Fact("numbers", {"target_modules": ["2"]}, "unsupported-module"),
    # what is kept out
    Fact("mlp", {"target_modules": ["up", "down"], "exclude_modules": "up"}, ranks("down")),
    Fact("mlp", {"target_modules": ["up", "down"], "exclude_modules": ["up"]}, ranks("down")),
    Fact("mlp", {**ALL, "exclude_modules": ["up", "down"]}, "excluded-and-unmatched"),
    Fact("mlp", {**ALL, "exclude_modules": ".*"}, "all-excluded"),
    Fact("mlp", {"target_modules": ["up"], "exclude_modules": ["up"]}, "excluded-and-unmatched"),
    Fact(
        "mlp",
        {"target_modules": ["up", "missing"], "exclude_modules": ["up"]},
        "excluded-and-unmatched",
    ),
    Fact("mlp", {"target_modules": ["up"], "exclude_modules": ["missing"]}, ranks("up")),
    Fact(
        "nested",
        {"target_modules": ["foo"], "exclude_modules": ["mod.foo"]},
        ranks("foo"),
    ),
    Fact(
        "nested",
        {"target_modules": ["foo"], "exclude_modules": r"mod\..*"},
        ranks("foo"),
    ),
    Fact("nested", {**ALL, "exclude_modules": ["mod"]}, ranks(*NESTED)),
    # names that end alike
    Fact("nested", {"target_modules": ["foo"]}, ranks("foo", "mod.foo", "mod.mod.foo")),
    Fact("nested", {"target_modules": ["mod.foo"]}, ranks("mod.foo", "mod.mod.foo")),
    Fact("nested", {"target_modules": r".*\.foo"}, ranks("mod.foo", "mod.mod.foo")),
    Fact("nested", {"target_modules": ["xfoo"]}, ranks("mod.mod.xfoo")),
    Fact("twins", {"target_modules": QUERIES}, ranks(*QUERIES)),
    Fact("twins", {"target_modules": QUERIES[:5]}, ranks(*QUERIES[:5])),
    # layers
    Fact(
        "decoder",
        {"target_modules": ["q"], "layers_to_transform": [1, 10]},
        layered("attn.q", 1, 10),
    ),
    Fact("decoder", {"target_modules": ["q"], "layers_to_transform": 0}, layered("attn.q", 0)),
    Fact(
        "decoder", {"target_modules": ["q"], "layers_to_transform": [1, 99]}, layered("attn.q", 1)
    ),
    Fact("decoder", {"target_modules": ["q"], "layers_to_transform": [99]}, "no-target-matches"),
    Fact("decoder", {"target_modules": ["q"], "layers_to_transform": [-1]}, "no-target-matches"),
    Fact(
        "decoder",
        {"target_modules": ["q"], "layers_to_transform": []},
        layered("attn.q", *range(12)),
    ),
    Fact(
        "decoder",
        {"target_modules": ["q", "head"], "layers_to_transform": [3]},
        {**layered("attn.q", 3), "head": 8},
    ),
    Fact(
        "decoder",
        {"target_modules": ["q"], "layers_to_transform": [3], "layers_pattern": "layers"},
        layered("attn.q", 3),
    ),
    Fact(
        "decoder",
        {"target_modules": ["q"], "layers_to_transform": [3], "layers_pattern": ["h", "layers"]},
        layered("attn.q", 3),
    ),
    Fact(
        "decoder",
        {"target_modules": ["q"], "layers_to_transform": [3], "layers_pattern": "h"},
        "no-target-matches",
    ),
    Fact("decoder", {"target_modules": ["q"], "layers_pattern": "layers"}, "layers-pattern-alone"),
    Fact("decoder", {**ALL, "layers_to_transform": [1]}, "layers-to-transform-with-regex"),
    Fact(
        "experts",
        {"target_modules": ["w1"], "layers_to_transform": [2]},
        ranks(*(f"model.layers.2.experts.{n}.w1" for n in range(3))),
    ),
    Fact(
        "experts",
        {"target_modules": ["w1"], "layers_to_transform": [2], "layers_pattern": "experts"},
        ranks(*(f"model.layers.{n}.experts.2.w1" for n in range(3))),
    ),
    # ranks by pattern: the first key that matches wins
    Fact("nested", {**ALL, "rank_pattern": {"bla": 4}}, ranks(*NESTED)),
    Fact(
        "nested",
        {**ALL, "rank_pattern": {"foo": 16}},
        ranks(*NESTED, foo=16, mod_foo=16, mod_mod_foo=16),
    ),
    Fact("nested", {**ALL, "rank_pattern": {"^foo": 16}}, ranks(*NESTED, foo=16)),
    Fact("nested", {**ALL, "rank_pattern": {"^mod.foo": 16}}, ranks(*NESTED, mod_foo=16)),
    Fact("nested", {**ALL, "rank_pattern": {"mod.mod.foo": 16}}, ranks(*NESTED, mod_mod_foo=16)),
    Fact(
        "nested",
        {**ALL, "rank_pattern": {"mod.foo": 16}},
        ranks(*NESTED, mod_foo=16, mod_mod_foo=16),
    ),
    Fact(
        "nested",
        {**ALL, "rank_pattern": {"^mod.foo": 16, "^mod.mod.foo": 24}},
        ranks(*NESTED, mod_foo=16, mod_mod_foo=24),
    ),
    Fact(
        "nested",
        {**ALL, "rank_pattern": {"mod.foo": 16, "mod.mod.foo": 24}},
        ranks(*NESTED, mod_foo=16, mod_mod_foo=16),
    ),
    Fact(
        "nested",
        {**ALL, "rank_pattern": {"foo|bar": 16}},
        ranks(*NESTED, foo=16, bar=16, mod_foo=16, mod_mod_foo=16),
    ),
    Fact(
        "nested",
        {**ALL, "rank_pattern": {".*foo": 16}, "r": 4},
        ranks(*NESTED, r=16) | {"bar": 4, "mod.foox": 4},
    ),
    Fact("nested", {**ALL, "rank_pattern": {"mod": 16}}, ranks(*NESTED)),
    # modules to save
    Fact("mlp", {"target_modules": ["up"], "modules_to_save": ["down"]}, ranks("up"), ("down",)),
    Fact(
        "mlp",
        {"target_modules": ["up", "down"], "modules_to_save": ["down"]},
        ranks("up"),
        ("down",),
    ),
    Fact("mlp", {"target_modules": ["up"], "modules_to_save": ["missing"]}, ranks("up")),
    Fact(
        "nested",
        {"target_modules": ["bar"], "modules_to_save": ["foo"]},
        ranks("bar"),
        ("foo", "mod.foo", "mod.mod.foo", "mod.mod.xfoo"),
    ),
    Fact(
        "decoder",
        {"target_modules": ["head"], "modules_to_save": ["layers"]},
        "modules-to-save-on-container",
    ),
    # classes of layers
    Fact("embedding", {"target_modules": ["emb", "conv1d"]}, ranks("emb", "conv1d")),
    Fact(
        "embedding", {"target_modules": ["emb", "conv1d"], "use_dora": True}, ranks("emb", "conv1d")
    ),
    Fact("embedding", ALL, ranks("conv1d", "lin")),
    Fact(
        "embedding",
        {"target_modules": ["conv1d"], "modules_to_save": ["emb"]},
        ranks("conv1d"),
        ("emb",),
    ),
    Fact("convolutions", {"target_modules": ["one", "two", "three"]}, ranks("one", "two", "three")),
    Fact("convolutions", {"target_modules": ["grouped"]}, ranks("grouped")),
    Fact("convolutions", {"target_modules": ["grouped"], "r": 6}, "conv-groups-rank"),
    Fact(
        "convolutions",
        {"target_modules": ["two", "lin"], "use_dora": True},
        ranks("two", "lin"),
    ),
    Fact("attention", {"target_modules": ["mha"]}, ranks("mha")),
    Fact("attention", {"target_modules": ["mha", "lin"], "bias": "all"}, ranks("mha", "lin")),
    Fact("attention", {"target_modules": ["mha"], "use_dora": True}, "attention-variant"),
    # parameters
    Fact("banks", {"target_parameters": ["up.weight"]}, ranks("up.weight")),
    Fact(
        "banks",
        {"target_parameters": ["up.weight", "down.stacked"]},
        ranks("up.weight", "down.stacked"),
    ),
    Fact("banks", {"target_parameters": ["stacked"]}, ranks("up.stacked", "down.stacked")),
    Fact(
        "banks",
        {"target_modules": ["lin"], "target_parameters": ["up.weight"]},
        ranks("lin", "up.weight"),
    ),
    Fact("banks", {"target_parameters": ["missing"], "target_modules": ["lin"]}, ranks("lin")),
    Fact("banks", {"target_parameters": ["lin.bias"]}, "parameter-dimensions"),
    Fact(
        "banks",
        {"target_modules": ["lin"], "target_parameters": ["lin.weight"]},
        "parameter-of-wrapped-module",
    ),
    Fact("banks", {"target_parameters": ["up.weight"], "lora_dropout": 0.1}, "parameter-dropout"),
    Fact(
        "banks",
        {"target_parameters": ["up.weight"], "rank_pattern": {"up.weight": 2}},
        ranks("up.weight", r=2),
    ),
    # variants and biases
    Fact("mlp", {"target_modules": ["up"], "lora_bias": True}, ranks("up")),
    Fact("mlp", {"target_modules": ["up"], "bias": "lora_only"}, ranks("up")),
    Fact("mlp", {"target_modules": ["up"], "bias": "lora"}, "bias-value"),
    Fact(
        "mlp",
        {"target_modules": ["up"], "use_bdlora": {"target_modules_bd_a": ["up"], "nblocks": 2}},
        ranks("up"),
    ),
    Fact(
        "mlp",
        {
            "target_modules": ["up", "down"],
            "use_bdlora": {"target_modules_bd_b": ["down"], "match_strict": True, "nblocks": 2},
        },
        "bdlora-neither",
    ),
    Fact("mlp", {"target_modules": ["up"], "r": 0}, "rank-not-positive"),
    Fact("mlp", {"target_modules": ["up"], "task_type": "causal_lm"}, "invalid-task-type"),
]


@cache
def asked(name: str) -> tuple[Any, Any]:
    """A model and its tree."""
    model = MODELS[name]()
    return model, plan_side.build_tree(model)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact.model} {fact.config}")
def test_scenario(fact: Fact) -> None:
    model, tree = asked(fact.model)
    told = plan_side.ask_plan(tree, fact.config)
    if isinstance(fact.wrapped, str):
        assert told.error is not None
        assert told.error[0] == fact.wrapped
    else:
        assert told.error is None
        assert {name: rank for name, (rank, _, _) in told.wrapped.items()} == fact.wrapped
        assert told.saved == set(fact.saved)
    assert find_differences(peft_side.ask_peft(model, fact.config), told) == {}
