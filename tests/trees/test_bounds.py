"""Numbers that no model has are refused before a process is started for them."""

from __future__ import annotations

from typing import Any

import pytest

from loracheck.trees import builder
from loracheck.trees.bounds import check_bounds
from loracheck.trees.build_error import BuildError

HUGE = [
    {"num_hidden_layers": 10**9},
    {"n_layers": 10**8},
    {"num_layers": 2_001},
    {"text_config": {"num_hidden_layers": 10**6}},
    {"encoder": {"parts": [{"n_layer": 10**6}]}},
    {"n_routed_experts": 10**9},
    {"num_local_experts": 20_001},
    {"num_labels": 10**9},
    {"depths": [3, 10**6]},
    {"depths": [400, 400, 400]},
    {"num_decoder_layers": 700, "num_layers": 700},
    {"backbone_config": {"depths": [600]}, "decoder_config": {"decoder_layers": 600}},
    {"num_codebooks": 10**7},
    {"vocab_size": 10**18},
    {"num_hidden_layers": 10**5000},
    {"id2label": dict.fromkeys(map(str, range(100_001)), "x")},
    {"layer_types": ["full_attention"] * 100_001},
]


@pytest.mark.parametrize("config", HUGE, ids=lambda config: next(iter(config)))
def test_a_number_that_no_model_has(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "ask", None)  # nothing is started
    with pytest.raises(BuildError) as caught:
        builder.build({"model_type": "llama", **config})
    assert caught.value.kind == "too-large"
    assert len(caught.value.reason) < 200


def test_depth_is_bounded_without_recursion() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(BuildError) as caught:
        check_bounds({"a": deep})
    assert caught.value.kind == "too-large"


def test_labels_of_the_settings_count_too() -> None:
    with pytest.raises(BuildError):
        check_bounds({}, 10**9)
    check_bounds({}, 21_841)


def test_real_numbers_pass() -> None:
    check_bounds(
        {
            "num_hidden_layers": 315,
            "max_window_layers": 315,
            "cross_attention_layers": list(range(3, 315, 4)),
            "kda_layers": list(range(315)),
            "vision_config": {"depth": 64, "depths": [3, 8, 36, 3]},
            "n_routed_experts": 896,
            "num_experts": 16_384,
            "num_attention_heads_per_layer": [48] * 40,
            "vocab_size": 2_000_000,
            "max_position_embeddings": 10**9,
            "hidden_size": 10**12,
            "rope_theta": 1e12,
            "vocab_size_per_layer_input": 262_144,
            "moe_intermediate_size_per_expert": 20_000,
            "tie_word_embeddings": True,
            "quantization_config": {"quantized_layers": {"layer": [1] * 30_000}},
            "id2label": dict.fromkeys(map(str, range(21_841)), "x"),
        },
        None,
    )
