"""What PEFT itself, transformers' `load_adapter` and `merge_and_unload` make of an adapter.

    python -m bench.oracle.loaders > tests/engines/loaders.json

Each case is a tiny model with LoRA whose trained parameters are moved at random, saved, and loaded
onto the same base model again in the three ways: "same" where the logits are those of the model
that was saved, "base" where they are those of the model without an adapter, "other" for any others,
else the name of the error. The cases are called as the traits of `loracheck.engines`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import warnings
from typing import TYPE_CHECKING, Any

import peft
import torch
import transformers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen3MoeConfig,
    Qwen3MoeForCausalLM,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CASES: dict[str, dict[str, Any]] = {
    "module": {},
    "dora": {"use_dora": True},
    "rslora": {"use_rslora": True},
    "bias": {"bias": "all"},
    "lora-bias": {"lora_bias": True},
    "saved": {"modules_to_save": ["lm_head"]},
    "saved-inner-norm": {"modules_to_save": ["input_layernorm"]},
    "tokens": {"trainable_token_indices": [1, 2]},
    "embedding": {"target_modules": ["q_proj", "embed_tokens"]},
    "head": {"target_modules": ["q_proj", "lm_head"]},
    "tied-ends": {"target_modules": ["q_proj", "lm_head"]},
    "alpha-pattern": {"alpha_pattern": {"v_proj": 16}},
    "rank-pattern": {"rank_pattern": {"v_proj": 2}},
    "alora": {"alora_invocation_tokens": [1, 2], "task_type": "CAUSAL_LM"},
    "init": {"init_lora_weights": "pissa"},
    "replication": {"layer_replication": [[0, 2], [1, 2]]},
    "some-layers": {"layers_to_transform": [0]},
    "whole-tensor": {},
    "conv1d": {"target_modules": ["c_attn"], "fan_in_fan_out": True},
    "parameters": {"target_modules": ["q_proj"], "target_parameters": ["experts.gate_up_proj"]},
    "regex": {"target_modules": r".*\.(q|v)_proj"},
}
PLAIN = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"]}
SIZES = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "vocab_size": 32}
HEADS = {"num_attention_heads": 2, "num_key_value_heads": 2}
TEXT = torch.tensor([[5, 1, 2, 7, 9]])


def build_base(case: str) -> Any:
    """The case's base model, the same at every call."""
    torch.manual_seed(0)
    if case == "conv1d":
        return GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=2, n_head=2, vocab_size=32)).eval()
    if case == "parameters":
        sizes = {"moe_intermediate_size": 8, "num_experts": 4, "num_experts_per_tok": 2}
        return Qwen3MoeForCausalLM(Qwen3MoeConfig(**SIZES, **HEADS, **sizes, head_dim=8)).eval()
    tied = case == "tied-ends"
    config = LlamaConfig(**SIZES, **HEADS, attention_bias=True, tie_word_embeddings=tied)
    return LlamaForCausalLM(config).eval()


def compute_logits(model: Any) -> torch.Tensor:
    """The model's answer to the text."""
    with torch.no_grad():
        found: torch.Tensor = model.eval()(TEXT).logits
    return found


def save_adapter(case: str, folder: str) -> torch.Tensor:
    """Save the case's adapter to the folder; the logits of the model that has it."""
    config = peft.LoraConfig(**{**PLAIN, **CASES[case]})
    model = peft.get_peft_model(build_base(case), config)
    source = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data += torch.randn(parameter.shape, generator=source) * 0.3
    model.save_pretrained(folder, **({"save_embedding_layers": True} if _whole(case) else {}))
    return compute_logits(model)


def _whole(case: str) -> bool:
    return case == "whole-tensor"


def _load_with_peft(case: str, folder: str) -> Any:
    return peft.PeftModel.from_pretrained(build_base(case), folder)


def _load_with_transformers(case: str, folder: str) -> Any:
    model = build_base(case)
    model.load_adapter(folder)
    return model


def _load_and_merge(case: str, folder: str) -> Any:
    return _load_with_peft(case, folder).merge_and_unload()


LOADERS: dict[str, Callable[[str, str], Any]] = {
    "peft": _load_with_peft,
    "transformers": _load_with_transformers,
    "merge": _load_and_merge,
}


def judge_case(case: str) -> dict[str, str]:
    """Loader -> what it makes of the case's adapter."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = save_adapter(case, folder)
        return {name: _judge(load, case, folder, wanted) for name, load in LOADERS.items()}


def _judge(load: Callable[[str, str], Any], case: str, folder: str, wanted: torch.Tensor) -> str:
    try:
        found = compute_logits(load(case, folder))
    except Exception as error:  # noqa: BLE001 - whatever a loader raises is its answer
        return type(error).__name__
    if torch.allclose(found, wanted, atol=1e-4):
        return "same"
    return "base" if torch.allclose(found, compute_logits(build_base(case)), atol=1e-4) else "other"


def judge_all() -> dict[str, Any]:
    """All cases, with the releases that judge them."""
    warnings.simplefilter("ignore")
    return {
        "peft": peft.__version__,
        "transformers": transformers.__version__,
        "cases": {case: judge_case(case) for case in CASES},
    }


def main() -> None:
    """Print the table."""
    json.dump(judge_all(), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
