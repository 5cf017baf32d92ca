"""The estimate of activations against what autograd keeps, for a sample of the bench's cases."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

from bench.activations.cases import Case, run

SAMPLE = [
    Case("llama", full=True),
    Case("qwen3", every=True, dropout=0.05, full=True),
    Case("phi3", full=True, autocast=True),
    Case("gpt2", every=True),
    Case("bert", every=True, full=True),
    Case("gemma", full=True, checkpointing=True),
    Case("ernie4_5", autocast=True, dropout=0.05),
    Case("helium", every=True, full=True, autocast=True),
    Case("olmo3", autocast=True, checkpointing=True),
]


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.words)
def test_the_estimate_is_near_the_measurement(case: Case) -> None:
    found = run(case._replace(length=128))
    assert found.ratio == pytest.approx(1, abs=0.1)


def test_eager_attention_is_not_known() -> None:
    assert run(Case("llama", attention="eager")).ratio is None
