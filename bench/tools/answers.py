"""What every tool's module has in common: the model that it is shown, and the answer's form."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, NamedTuple


class ToolRefusalError(Exception):
    """The tool does not take the file."""


class Answer(NamedTuple):
    """One file and the tool's answer: the LoraConfig fields that differ from PEFT's defaults, None
    where it sets no LoRA up, a sentence where it refuses the file.
    """

    file: dict[str, Any]
    answer: dict[str, Any] | None
    refused: str | None = None


def build_tiny_llama() -> Any:
    """A Llama of two layers without weights."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=128,
    )
    with torch.device("meta"):
        return LlamaForCausalLM(config)


def to_plain(config: Any) -> dict[str, Any]:
    """A LoraConfig's fields as JSON has them, without those that are PEFT's default."""
    from peft import LoraConfig

    default = LoraConfig().to_dict()
    found = {
        name: value
        for name, value in config.to_dict().items()
        if name in default and value != default[name] and name not in ("peft_version",)
    }
    return {name: _plain_value(value) for name, value in found.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain_value(inner) for key, inner in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(_plain_value, value))
    if isinstance(value, (list, tuple)):
        return [_plain_value(inner) for inner in value]
    word = getattr(value, "value", value)  # an enumeration's
    return word if isinstance(word, (str, int, float, bool, type(None))) else str(word)


def installed_version(package: str) -> str:
    """The version of an installed package."""
    return version(package)
