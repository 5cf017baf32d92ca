"""Which quantised checkpoints are told to have their experts quantised one by one."""

from __future__ import annotations

from typing import Any

import pytest

from loracheck.trees.skeleton.kept_experts import keeps_experts

AWQ: dict[str, Any] = {"quant_method": "awq", "bits": 4}
GPTQ: dict[str, Any] = {"quant_method": "gptq", "bits": 4}
WITH_EXPERTS = [["self_attn.q_proj"], ["mlp.experts.0.gate_proj", "mlp.experts.0.up_proj"]]


@pytest.mark.parametrize(
    ("found", "wrote", "kept"),
    [
        (AWQ, "4.57.1", False),
        (AWQ | {"modules_to_not_convert": ["gate"]}, "4.57.1", False),
        (AWQ | {"modules_to_not_convert": ["mlp.gate", "lm_head"]}, "4.57.1", False),
        (AWQ | {"modules_to_not_convert": ["experts"]}, "4.57.1", True),
        (AWQ | {"modules_to_not_convert": 3}, None, False),
        (GPTQ | {"modules_in_block_to_quantize": WITH_EXPERTS}, "4.37.0", False),
        (GPTQ | {"modules_in_block_to_quantize": [["self_attn.q_proj"]]}, "4.37.0", True),
        (GPTQ | {"dynamic": {"-:.*experts.*": {}}}, "4.57.1", True),
        (GPTQ, "5.3.0", True),
        (GPTQ | {"meta": {"quantizer": ["gptqmodel:6.0.3"]}}, "5.3.0", False),
    ],
)
def test_keeps_experts(found: dict[str, Any], wrote: str | None, kept: bool) -> None:
    assert keeps_experts(found, wrote) is kept
