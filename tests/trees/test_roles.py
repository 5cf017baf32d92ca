"""Roles told from names, on the spellings of real architectures."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loracheck.trees.roles import (
    AUDIO,
    VISION,
    fills_role,
    find_role,
    get_component,
    is_in_attention,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model.layers.*.self_attn.q_proj", "q"),
        ("bert.encoder.layer.*.attention.self.query", "q"),
        ("bert.encoder.layer.*.attention.output.dense", "o"),
        ("bert.encoder.layer.*.intermediate.dense", "up"),
        ("bert.encoder.layer.*.output.dense", "down"),
        ("transformer.h.*.attn.c_attn", "qkv"),
        ("transformer.h.*.attn.c_proj", "o"),
        ("transformer.h.*.mlp.c_proj", "down"),
        ("model.layers.*.mlp.gate_up_proj", "gate_up"),
        ("model.layers.*.block_sparse_moe.experts.*.w2", "down"),
        ("q_proj", "q"),
        ("norm", None),
    ],
)
def test_role(name: str, expected: str | None) -> None:
    assert find_role(name) == expected


@pytest.mark.parametrize(
    ("mine", "wanted", "does"),
    [
        ("qkv", "q", True),
        ("q", "qkv", True),
        ("gate_up", "up", True),
        ("o", "q", False),
        (None, None, False),
    ],
)
def test_a_fused_module_does_the_work_of_its_parts(mine: str, wanted: str, does: bool) -> None:
    assert fills_role(mine, wanted) is does


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model.layers.*.self_attn.q_proj", "attention"),
        ("model.layers.*.mlp.experts.*.up_proj", "experts"),
        ("model.layers.*.mlp.gate", "router"),
        ("model.vision_tower.layers.*.self_attn.q_proj", "vision"),
        ("model.layers.*.mlp.up_proj", "mlp"),
    ],
)
def test_component(name: str, expected: str) -> None:
    assert get_component(name) == expected


@given(st.from_regex(r"(?:[a-z]{0,2}(?:att|attn|mixer|q|gate|expert|experts|wg)?\.){0,3}\w{0,5}"))
def test_the_part_of_a_model_is_told_by_whole_words(name: str) -> None:
    """What is told word by word is what these expressions tell."""
    name = name.strip()
    assume(not any(word in name for word in (*VISION, *AUDIO)))  # a tower's, whatever the rest
    attention = re.search(r"attn|attention|(^|\.)att(\.|$)|mixer|(^|\.)(q|k|v)$", name)
    router = re.search(r"(^|\.)(router|gate|shared_expert_gate|wg)(\.|$)", name)
    parts = r"(^|\.)(experts?|shared_experts?|shared_mlp|block_sparse_moe)(\.|$)"
    assert is_in_attention(name) == (attention is not None)
    if re.search(parts, name):
        assert get_component(name) == "experts"
    elif router:
        assert get_component(name) == "router"
    else:
        assert get_component(name) == ("attention" if attention else "mlp")
