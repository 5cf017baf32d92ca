"""How names are matched: facts known from PEFT, and PEFT's own answer to the same questions."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from loracheck.plan.config.effective_config import EffectiveConfig, resolve_config
from loracheck.plan.matching.match import (
    EXCLUDED,
    TARGETED,
    UNMATCHED,
    Matcher,
    Patterns,
    find_layer_index,
)

Q = "transformer.h.1.attn.attention.q_proj"
EXPERT = "model.layers.3.mlp.experts.11.w1"


class Fact(NamedTuple):
    """A module name, target_modules, layers_to_transform, layers_pattern: is it targeted?"""

    name: str
    targets: Any
    layers: Any
    pattern: Any
    targeted: bool


FACTS = [
    Fact("foo", [], None, None, False),
    Fact("foo", ["foo"], None, None, True),
    Fact("foo", ["bar"], None, None, False),
    Fact("foo", ["bar", "foo"], None, None, True),
    Fact("foo", "foo", None, None, True),
    Fact("foo", "fo.*", None, None, True),
    Fact("foo", "fo", None, None, False),
    Fact("foobar", ".*oba.*", None, None, True),
    Fact("foo.bar", "bar", None, None, False),
    Fact("foo.bar.1.baz", ["baz"], [1], ["bar"], True),
    Fact("foo.bar.1.baz", ["baz"], [0], ["bar"], False),
    Fact("foo.bar.10.baz", ["baz"], [0], ["bar"], False),
    Fact("foo.bar.10.baz", ["baz"], [1], ["bar"], False),
    Fact("foo.bar.1.baz", ["spam", "baz"], [0, 1, 2], ["bar"], True),
    Fact("foo.bar.7.baz", ["baz"], [], ["bar"], True),
    Fact("foo.bar.7.baz", ["baz"], None, ["bar"], True),
    Fact("foo.whatever.1.baz", ["baz"], [1], [], True),
    Fact("foo.whatever.1.baz", ["baz"], [0], "", False),
    Fact("foo.whatever.1.baz", ["baz"], 1, None, True),
    Fact("foo.whatever.1.baz", ["baz"], 0, None, False),
    Fact(f"{Q}.foo", ["q_proj"], None, None, False),
    Fact(Q, ["q_proj", "v_proj"], None, None, True),
    Fact(Q, ["proj"], None, None, False),
    Fact(Q, ["q_proj"], [1], ["h"], True),
    Fact(Q, ["q_proj"], [0], ["h"], False),
    Fact(Q, ["q_proj"], [1], ["attn"], False),
    Fact(Q, [Q], [0], ["h"], True),
    Fact("foo.bar.1.baz", ["baz"], [1], ["baz"], False),
    Fact("bar.1.baz", ["baz"], [1], ["bar"], True),
    Fact("bar.1.baz", ["baz"], [1], None, False),
    Fact("foo.bar.001.baz", ["baz"], [1], ["bar"], True),
    Fact("foo.bar.1.spam.2.baz", ["baz"], [1], ["bar"], True),
    Fact("foo.bar.1.spam.2.baz", ["baz"], [2], ["spam"], True),
    Fact("foo.bar.1.spam.2.baz", ["baz"], [2], None, False),
    Fact(EXPERT, ["w1"], [3], None, True),
    Fact(EXPERT, ["w1"], [11], None, False),
    Fact(EXPERT, ["w1"], [11], "experts", True),
    Fact("foo.ba1r.1.baz", ["baz"], [1], [r"ba\dr"], True),
    Fact("foo.bar.1.baz", ["baz"], [-1], None, False),
    Fact("foo.bar.10.baz", ["baz"], [10], ["bar"], True),
    Fact("foo.bar.1.baz", ["baz"], [1], ["foo"], False),
    Fact("blocks.1.weight", ["weight"], [1], ["blocks"], True),
    Fact("mlp.blocks.1.weight", ["weight"], [1], ["blocks"], True),
    Fact("mlp.blocks.1.bias", ["weight"], [1], ["blocks"], False),
    Fact("transformer.h.1.attn.attention.resid_dropout", ["q_proj"], None, None, False),
]


def _lora(fact: Fact) -> EffectiveConfig:
    fields = {"layers_to_transform": fact.layers, "layers_pattern": fact.pattern}
    return resolve_config({"target_modules": fact.targets, **fields})[0]


@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_targeted(fact: Fact) -> None:
    assert Matcher(_lora(fact)).classify(fact.name) == (TARGETED if fact.targeted else UNMATCHED)


@pytest.mark.oracle
@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_peft_says_the_same(fact: Fact) -> None:
    utils = pytest.importorskip("peft.tuners.tuners_utils")
    lora = _lora(fact)
    lora.target_parameters = None
    assert bool(utils.check_target_module_exists(lora, fact.name)) == fact.targeted


@pytest.mark.parametrize(
    ("entry", "name", "verdict"),
    [
        ({"exclude_modules": ["mlp"]}, "model.layers.0.mlp.q", TARGETED),
        ({"exclude_modules": ["q"]}, "model.layers.0.mlp.q", EXCLUDED),
        ({"exclude_modules": r".*\.mlp\..*"}, "model.layers.0.mlp.q", EXCLUDED),
        ({"exclude_modules": "mlp"}, "model.layers.0.mlp.q", TARGETED),
        ({"modules_to_save": ["mlp"]}, "model.layers.0.mlp.q", EXCLUDED),
        ({"modules_to_save": ["ml"]}, "model.layers.0.mlp.q", TARGETED),
        ({"modules_to_save": ["layers.."]}, "model.layers.0.mlp.q", EXCLUDED),
        ({"modules_to_save": ["m.*p"]}, "model.layers.0.mlp.q", EXCLUDED),
    ],
)
def test_kept_out(entry: dict[str, Any], name: str, verdict: int) -> None:
    assert Matcher(resolve_config({"target_modules": ["q"], **entry})[0]).classify(name) == verdict


@pytest.mark.parametrize(
    ("keys", "name", "first"),
    [
        (["q"], "a.q_proj", None),
        (["q_proj"], "a.q_proj", "q_proj"),
        (["q_proj", "a.q_proj"], "a.q_proj", "q_proj"),
        (["a.q_proj", "q_proj"], "a.q_proj", "a.q_proj"),
        (["^a.q_proj"], "a.q_proj", "^a.q_proj"),
        (["^q_proj"], "a.q_proj", None),
        (["k_proj|q_proj"], "a.q_proj", "k_proj|q_proj"),
        ([r".*\.experts"], "experts", None),
        ([r".*\.experts"], "mlp.experts", r".*\.experts"),
        (["layers.0"], "layers.0.q_proj", None),
    ],
)
def test_first_matching_key_wins(keys: list[str], name: str, first: str | None) -> None:
    assert Patterns(dict.fromkeys(keys, 1), "rank_pattern").find_key(name) == first


@pytest.mark.oracle
@pytest.mark.parametrize(
    "key", ["q", "q_proj", "a.q_proj", "^a.q_proj", "a|q_proj", r".*\.q_proj", "a"]
)
@pytest.mark.parametrize("name", ["q_proj", "a.q_proj", "b.a.q_proj", "aXq_proj", "a"])
def test_peft_finds_the_same_key(key: str, name: str) -> None:
    other = pytest.importorskip("peft.utils.other")
    found = other.get_pattern_key([key], name)
    ours = Patterns({key: 1}, "rank_pattern").find_key(name)
    assert (ours or name) == found


def test_layer_index() -> None:
    assert find_layer_index("model.layers.12.mlp.experts.3.w1", None) == 12
    assert find_layer_index("layers.12.w1", None) is None
    assert find_layer_index("layers.12.w1", "layers") == 12
    assert find_layer_index("model.layers.12", "layers") is None
