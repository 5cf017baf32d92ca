"""The copies that Unsloth loads for ids whose modules have other names (Unsloth 2026.10.9,
unsloth/models/mapper.py): its Phi-3 and phi-4 are rewritten as Llama or Mistral, with q_proj,
k_proj and v_proj for qkv_proj, and gate_proj and up_proj for gate_up_proj. All other ids of the
mapper stand for copies with the same names, Phi-4-mini among them: its copies on the Hub are
Phi3ForCausalLM (TransformerLens 4.3.0, model_registry/data/supported_models.json).
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple


class Copies(NamedTuple):
    """What is loaded for an id, as ids."""

    in_4_bits: str
    """With `load_in_4bit`, the loader's default."""

    in_16_bits: str


COPIES = {
    "microsoft/phi-3-mini-4k-instruct": Copies(
        "unsloth/Phi-3-mini-4k-instruct-bnb-4bit", "unsloth/Phi-3-mini-4k-instruct"
    ),
    "microsoft/phi-3-medium-4k-instruct": Copies(
        "unsloth/Phi-3-medium-4k-instruct-bnb-4bit", "unsloth/Phi-3-medium-4k-instruct"
    ),
    "microsoft/phi-3.5-mini-instruct": Copies(
        "unsloth/Phi-3.5-mini-instruct-bnb-4bit", "unsloth/Phi-3.5-mini-instruct"
    ),
    "microsoft/phi-4": Copies("unsloth/phi-4-unsloth-bnb-4bit", "unsloth/phi-4"),
    "microsoft/phi-4-reasoning": Copies(
        "unsloth/phi-4-reasoning-unsloth-bnb-4bit", "unsloth/phi-4-reasoning"
    ),
    "microsoft/phi-4-reasoning-plus": Copies(
        "unsloth/phi-4-reasoning-plus-unsloth-bnb-4bit", "unsloth/phi-4-reasoning-plus"
    ),
}
"""Id in small letters -> the copies."""


def find_copy(model: str, in_4_bits: bool = True) -> str:
    """The id of what Unsloth loads for a model: the model's own where its names are the same."""
    copied = COPIES.get(model.lower())
    if copied is None:
        return model
    return copied.in_4_bits if in_4_bits else copied.in_16_bits
