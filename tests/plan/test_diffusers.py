"""A sample of the differential run on models of diffusers: what PEFT does with them, the plan says.

The whole of it is `python -m bench.oracle --library diffusers`.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        any(find_spec(name) is None for name in ("torch", "peft", "diffusers")),
        reason="torch, peft and diffusers are not all installed",
    ),
]


def test_the_plan_is_what_peft_does() -> None:
    from bench.oracle import diffusers_models
    from bench.oracle.differential_run import run_pairs

    tally = run_pairs(diffusers_models.list_specs()[::6], 60, 7)
    assert tally.differences == []
    assert tally.outcomes["wrapped"] >= 10
    assert sum(tally.pairs.values()) >= 50


def test_add_adapter_of_diffusers_does_the_same() -> None:
    from peft import LoraConfig
    from peft.tuners.lora.layer import LoraLayer

    from bench.oracle import diffusers_models
    from bench.oracle.plan_side import build_tree
    from loracheck.plan import plan

    config = {
        "target_modules": ["to_q", "to_k", "ff.net.0.proj"],
        "r": 4,
        "lora_alpha": 16,
        "rank_pattern": {"to_k": 8},
        "exclude_modules": ["transformer_blocks.0.attn.to_q"],
    }
    model = diffusers_models.build("FluxTransformer2DModel")
    expected = plan(config, build_tree(model))
    assert expected is not None and expected.error is None
    model.add_adapter(LoraConfig(**config))
    layers = {n: m for n, m in model.named_modules() if isinstance(m, LoraLayer)}
    found = {n: (m.r["default"], m.scaling["default"]) for n, m in layers.items()}
    told = {n: (one.rank, one.scaling) for one in expected.wrapped for n in one.names()}
    assert found == told
