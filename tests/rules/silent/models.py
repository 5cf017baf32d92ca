"""Tiny real models for the silent cases, by name; torch and transformers are imported here only."""

from __future__ import annotations

from typing import Any

import torch
import transformers as tf
from torch import nn

WIDTHS = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2, "vocab_size": 32}
DECODER = {**WIDTHS, "num_hidden_layers": 4, "num_key_value_heads": 2}
ENCODER = {**WIDTHS, "num_hidden_layers": 2, "max_position_embeddings": 32}
MOE = {"moe_intermediate_size": 8, "num_experts_per_tok": 2}
T5 = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, "vocab_size": 32}
BART = {
    "d_model": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "vocab_size": 32,
    "encoder_ffn_dim": 16,
    "decoder_ffn_dim": 16,
    "max_position_embeddings": 32,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
}
DEEPSEEK = {
    **DECODER,
    **MOE,
    "n_routed_experts": 4,
    "n_shared_experts": 1,
    "first_k_dense_replace": 1,
    "n_group": 1,
    "topk_group": 1,
    "q_lora_rank": 8,
    "kv_lora_rank": 8,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 4,
    "v_head_dim": 8,
}
TRANSFORMERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "llama": ("LlamaConfig", "LlamaForCausalLM", DECODER),
    "llama-tied": ("LlamaConfig", "LlamaForCausalLM", {**DECODER, "tie_word_embeddings": True}),
    "llama-bare": ("LlamaConfig", "LlamaModel", DECODER),
    "llama-classifier": ("LlamaConfig", "LlamaForSequenceClassification", DECODER),
    "bert": ("BertConfig", "BertForMaskedLM", ENCODER),
    "bert-classifier": ("BertConfig", "BertForSequenceClassification", ENCODER),
    "bert-answers": ("BertConfig", "BertForQuestionAnswering", ENCODER),
    "deberta-classifier": ("DebertaV2Config", "DebertaV2ForSequenceClassification", ENCODER),
    "xlnet-classifier": (
        "XLNetConfig",
        "XLNetForSequenceClassification",
        {"d_model": 16, "n_layer": 2, "n_head": 2, "d_inner": 16, "vocab_size": 32},
    ),
    "t5": ("T5Config", "T5ForConditionalGeneration", T5),
    "t5-classifier": ("T5Config", "T5ForSequenceClassification", T5),
    "bart": ("BartConfig", "BartForConditionalGeneration", BART),
    "bart-classifier": ("BartConfig", "BartForSequenceClassification", BART),
    "bart-answers": ("BartConfig", "BartForQuestionAnswering", BART),
    "bigbird-answers": ("BigBirdConfig", "BigBirdForQuestionAnswering", ENCODER),
    "gpt2": ("GPT2Config", "GPT2LMHeadModel", {"n_embd": 16, "n_layer": 2, "n_head": 2}),
    "mixtral": ("MixtralConfig", "MixtralForCausalLM", {**DECODER, "num_local_experts": 4}),
    "qwen2-moe": (
        "Qwen2MoeConfig",
        "Qwen2MoeForCausalLM",
        {**DECODER, **MOE, "num_experts": 4, "shared_expert_intermediate_size": 16},
    ),
    "gpt-oss": (
        "GptOssConfig",
        "GptOssForCausalLM",
        {**DECODER, "num_local_experts": 4, "num_experts_per_tok": 2, "head_dim": 8},
    ),
    "deepseek": ("DeepseekV3Config", "DeepseekV3ForCausalLM", DEEPSEEK),
    "gemma4": ("Gemma4Config", "Gemma4ForConditionalGeneration", {}),
    "llava": ("LlavaConfig", "LlavaForConditionalGeneration", {}),
}


class Plain(tf.PreTrainedModel):
    """A hand-written module in the clothes of a transformers model."""

    config_class = tf.PretrainedConfig

    def __init__(self, **modules: nn.Module) -> None:
        super().__init__(tf.PretrainedConfig())
        for name, module in modules.items():
            self.add_module(name, module)


def attention() -> nn.Module:
    """A torch MultiheadAttention beside a linear layer."""
    return Plain(attention=nn.MultiheadAttention(16, 2, batch_first=True), head=nn.Linear(16, 4))


def encoder() -> nn.Module:
    """A torch TransformerEncoderLayer."""
    layer = nn.TransformerEncoderLayer(16, 2, dim_feedforward=32, batch_first=True)
    return Plain(layer=layer, head=nn.Linear(16, 4))


def convolutions() -> nn.Module:
    """Convolutions that PEFT's layers do not copy."""
    return Plain(
        plain=nn.Conv2d(8, 8, 3),
        dilated=nn.Conv2d(8, 8, 3, dilation=2, padding="same"),
        circular=nn.Conv2d(8, 8, 3, padding=1, padding_mode="circular"),
    )


def twice() -> nn.Module:
    """One module under two names."""
    one = nn.Linear(16, 16)
    return Plain(first=one, second=one, other=nn.Linear(16, 16))


MADE = {"attention": attention, "encoder": encoder, "convolutions": convolutions, "twice": twice}


def build(name: str) -> Any:
    """The model of that name with random weights."""
    torch.manual_seed(0)
    if name in MADE:
        return MADE[name]()
    config, cls, sizes = TRANSFORMERS[name]
    if name in ("llava", "gemma4"):
        return getattr(tf, cls)(_towers(config))
    return getattr(tf, cls)(getattr(tf, config)(**sizes, **_tokens()))


def _tokens() -> dict[str, Any]:
    return {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}


def _towers(config: str) -> Any:
    """A vision-language config with two small towers."""
    if config == "LlavaConfig":
        vision = tf.CLIPVisionConfig(**_vision())
        return tf.LlavaConfig(vision_config=vision, text_config=tf.LlamaConfig(**DECODER))
    sizes = {**DECODER, "head_dim": 8, "global_head_dim": 8, "hidden_size_per_layer_input": 0}
    text = {**sizes, "layer_types": ["sliding_attention"] * 3 + ["full_attention"]}
    text |= {"vocab_size_per_layer_input": 32, "num_kv_shared_layers": 0}
    vision = {**WIDTHS, "num_hidden_layers": 2, "head_dim": 8, "num_key_value_heads": 2}
    return tf.Gemma4Config(text_config=text, vision_config=vision, audio_config=None)


def _vision() -> dict[str, Any]:
    small = {**WIDTHS, "num_hidden_layers": 2, "image_size": 8, "patch_size": 4}
    return {**small, "projection_dim": 16}
