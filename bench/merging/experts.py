"""How many of the numbers of a bank of experts in FP8 trained LoRA changes at all.

The experts of a tiny Qwen3-MoE get LoRA by `target_parameters` and are trained; then their bank is
stored as FP8 checkpoints store it (float8_e4m3fn, a scale for each 128 x 128 numbers, so that the
largest is 448), and PEFT applies the same trained matrices to it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import peft
import torch
from transformers import Qwen3MoeConfig, Qwen3MoeForCausalLM

from .training import WORDS, build_text, train

BLOCK = 128
MOST = torch.finfo(torch.float8_e4m3fn).max
BANK = "gate_up_proj"


class Change(NamedTuple):
    """`share` of a bank's numbers that LoRA changes once they are in FP8, of `count`; in 32 bits
    it changes `wide` of them.
    """

    share: float
    wide: float
    count: int


def build_experts() -> Any:
    """The model in 32 bits, the same at every call."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 4, "vocab_size": WORDS}
    bank = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 128}
    return Qwen3MoeForCausalLM(Qwen3MoeConfig(**sizes, **heads, **bank, head_dim=64))


def store_in_fp8(bank: torch.Tensor) -> torch.Tensor:
    """The numbers that a checkpoint in FP8 has for the bank; the scales are left out, PEFT reads
    none.
    """
    experts, rows, columns = bank.shape
    blocks = bank.reshape(experts, rows // BLOCK, BLOCK, columns // BLOCK, BLOCK)
    scale = blocks.abs().amax(dim=(2, 4), keepdim=True) / MOST
    return (blocks / scale).reshape(bank.shape).to(torch.float8_e4m3fn)


def measure_change(steps: int) -> Change:
    """Train for so many steps; what LoRA then changes."""
    targets = [f"mlp.experts.{BANK}"]
    config = peft.LoraConfig(r=8, lora_alpha=16, target_modules=[], target_parameters=targets)
    torch.manual_seed(2)
    model: Any = peft.get_peft_model(build_experts(), config)
    train(model, steps, build_text())
    layer = model.base_model.model.model.layers[0].mlp.experts
    bank = layer.get_base_layer()
    wide = _measure_share(layer, bank)
    stored = store_in_fp8(getattr(bank, BANK).data)
    setattr(bank, BANK, torch.nn.Parameter(stored, requires_grad=False))
    return Change(_measure_share(layer, bank), wide, stored.numel())


def _measure_share(layer: Any, bank: Any) -> float:
    """The share of the bank's numbers that are others while PEFT's LoRA acts on it."""
    before = getattr(bank, BANK).data.float()
    with torch.no_grad(), layer._activate_lora(["default"]):
        after = getattr(bank, BANK).float()
    return float((after != before).float().mean())
