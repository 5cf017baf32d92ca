"""Small adapters that PEFT itself trains on nothing and saves, for the engines' tests.

    python -m tests.engines.make_adapters FOLDER

writes one folder for each entry of `CASES`. The models are of two layers and random weights; the
tensors are named as PEFT names them, which is all that is read of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PLAIN: dict[str, Any] = {"r": 8, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"]}
CASES: dict[str, dict[str, Any]] = {
    "plain": PLAIN,
    "dora": {**PLAIN, "use_dora": True},
    "bias": {**PLAIN, "bias": "all"},
    "lora-bias": {**PLAIN, "lora_bias": True, "target_modules": ["q_proj", "v_proj"]},
    "saved-head": {**PLAIN, "modules_to_save": ["lm_head"]},
    "saved-norm": {**PLAIN, "modules_to_save": ["input_layernorm"]},
    "tokens": {**PLAIN, "trainable_token_indices": [1, 2]},
    "rank-32": {**PLAIN, "r": 32},
    "rank-4": {**PLAIN, "r": 4},
    "rank-24": {**PLAIN, "r": 24},
    "rslora": {**PLAIN, "use_rslora": True},
    "alpha-pattern": {**PLAIN, "alpha_pattern": {"v_proj": 16}},
    "rank-pattern": {**PLAIN, "rank_pattern": {"v_proj": 16}},
    "regex": {**PLAIN, "target_modules": r".*\.(q|v)_proj"},
    "some-layers": {**PLAIN, "layers_to_transform": [0]},
    "alora": {**PLAIN, "alora_invocation_tokens": [1, 2], "task_type": "CAUSAL_LM"},
    "pissa": {**PLAIN, "init_lora_weights": "pissa"},
    "replication": {**PLAIN, "layer_replication": [[0, 2], [1, 2]]},
    "query-alone": {**PLAIN, "target_modules": ["q_proj"]},
    "key-value-alone": {**PLAIN, "target_modules": ["k_proj", "v_proj"]},
    "up-alone": {**PLAIN, "target_modules": ["q_proj", "v_proj", "up_proj", "down_proj"]},
    "all-layers": {
        **PLAIN,
        "target_modules": [
            *("q_proj", "k_proj", "v_proj", "o_proj"),
            *("gate_proj", "up_proj", "down_proj"),
        ],
    },
    "head": {**PLAIN, "target_modules": ["q_proj", "v_proj", "lm_head"]},
    "saved-norms": {**PLAIN, "modules_to_save": ["norm"]},
    "saved-final-norm": {**PLAIN, "modules_to_save": ["model.norm"]},
    "embedding": {**PLAIN, "target_modules": ["q_proj", "v_proj", "embed_tokens"]},
    "resized": PLAIN,
    "query-classifier": {
        **PLAIN,
        "target_modules": ["query", "value"],
        "task_type": "SEQ_CLS",
    },
    "score": {**PLAIN, "task_type": "SEQ_CLS"},
    "experts": {
        **PLAIN,
        "target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"],
    },
}
OPTIONS: dict[str, dict[str, Any]] = {"resized": {"save_embedding_layers": True}}
"""What `save_pretrained` is called with beside the folder."""


def make_adapter(name: str, folder: Path) -> None:
    """Save the adapter of one entry of `CASES` to the folder."""
    import peft
    import torch
    from transformers import (
        LlamaConfig,
        LlamaForCausalLM,
        LlamaForSequenceClassification,
        PreTrainedModel,
        Qwen3MoeConfig,
        Qwen3MoeForCausalLM,
        RobertaConfig,
        RobertaForSequenceClassification,
    )

    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": 32}
    model: PreTrainedModel = LlamaForCausalLM(LlamaConfig(**sizes, **heads, attention_bias=True))
    if name == "experts":
        bank = {"num_experts": 128, "num_experts_per_tok": 2, "moe_intermediate_size": 8}
        model = Qwen3MoeForCausalLM(Qwen3MoeConfig(**sizes, **heads, **bank, head_dim=8))
    if name == "query-classifier":
        model = RobertaForSequenceClassification(
            RobertaConfig(**sizes, num_attention_heads=2, vocab_size=32)
        )
    if name == "score":
        model = LlamaForSequenceClassification(LlamaConfig(**sizes, **heads))
    options = dict(CASES[name])
    if name == "resized":
        model.resize_token_embeddings(40)
    wrapped = peft.get_peft_model(model, peft.LoraConfig(**options))
    wrapped.save_pretrained(folder, **OPTIONS.get(name, {}))


def say_in_config(folder: Path, **values: Any) -> None:
    """Give fields of the saved config other values; the weights stay as they are."""
    file = folder / "adapter_config.json"
    config = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**config, **values}), "utf-8")


def main() -> None:
    """Write all of them."""
    for name in CASES:
        make_adapter(name, Path(sys.argv[1]) / name)


if __name__ == "__main__":
    main()
