"""Subclasses of torch's Linear whose forward is not a linear layer's, so that PEFT's LoRA layer
cannot stand in their place: PEFT wraps them, and the first forward pass fails.

Each was wrapped and called with PEFT 0.21.2; a test does it again, and looks through all of
transformers for another one.
"""

from __future__ import annotations

_TUPLE = "it gives a tuple, and the first step ends with AttributeError"

OWN_FORWARDS = {
    "DeepseekV4GroupedLinear": "it maps groups of its input one by one, and the first step ends "
    "with RuntimeError for the sizes",
    "Llama4Router": _TUPLE,
    "PhimoeTopKRouter": _TUPLE,
}
"""Class -> why (transformers' modeling_deepseek_v4.py, modeling_llama4.py, modeling_phimoe.py)."""


def has_own_forward(cls: str) -> bool:
    """Whether a class, by its name with or without the package, is one of them."""
    return cls.rpartition(".")[2] in OWN_FORWARDS
