"""Small models of the families whose layers are known, made of their own classes."""

from __future__ import annotations

from typing import Any

import transformers

HIDDEN, INNER, WORDS, LAYERS, HEADS = 128, 352, 1000, 3, 2

_DECODER: dict[str, Any] = {
    "hidden_size": HIDDEN,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": 1,
    "vocab_size": WORDS,
    "max_position_embeddings": 4096,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_HEADED = {**_DECODER, "head_dim": HIDDEN // HEADS}
_BERT: dict[str, Any] = {
    "hidden_size": HIDDEN,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "vocab_size": WORDS,
    "max_position_embeddings": 4096,
    # On the processor attention with a dropout keeps its scores, which no GPU's kernel does.
    "attention_probs_dropout_prob": 0.0,
}
_GPT2: dict[str, Any] = {
    "n_embd": HIDDEN,
    "n_layer": LAYERS,
    "n_head": HEADS,
    "vocab_size": WORDS,
    "n_positions": 4096,
    "attn_pdrop": 0.0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
FAMILIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "llama": ("LlamaConfig", "LlamaForCausalLM", _DECODER),
    "mistral": ("MistralConfig", "MistralForCausalLM", {**_DECODER, "sliding_window": None}),
    "qwen2": ("Qwen2Config", "Qwen2ForCausalLM", _DECODER),
    "qwen3": ("Qwen3Config", "Qwen3ForCausalLM", _HEADED),
    "gemma": ("GemmaConfig", "GemmaForCausalLM", _HEADED),
    "phi3": ("Phi3Config", "Phi3ForCausalLM", _DECODER),
    "smollm3": ("SmolLM3Config", "SmolLM3ForCausalLM", _DECODER),
    "olmo2": ("Olmo2Config", "Olmo2ForCausalLM", _DECODER),
    "olmo3": ("Olmo3Config", "Olmo3ForCausalLM", _DECODER),
    "granite": ("GraniteConfig", "GraniteForCausalLM", _DECODER),
    "ernie4_5": ("Ernie4_5Config", "Ernie4_5ForCausalLM", _HEADED),
    "helium": ("HeliumConfig", "HeliumForCausalLM", _HEADED),
    "gpt2": ("GPT2Config", "GPT2LMHeadModel", _GPT2),
    "bert": ("BertConfig", "BertForSequenceClassification", _BERT),
    "roberta": ("RobertaConfig", "RobertaForSequenceClassification", _BERT),
}
"""Family -> its config class, its model class, and what the config is made with."""

FEW = {
    "phi3": ["qkv_proj"],
    "gpt2": ["c_attn"],
    "bert": ["query", "value"],
    "roberta": ["query", "value"],
}
"""Targets that stand for "q and v" in each family."""


def build(family: str, attention: str) -> Any:
    """A model with random weights."""
    config, cls, values = FAMILIES[family]
    made = getattr(transformers, config)(**values)
    return getattr(transformers, cls)._from_config(made, attn_implementation=attention)


def is_classifier(family: str) -> bool:
    """Whether the family's model is a classifier."""
    return "Classification" in FAMILIES[family][1]
