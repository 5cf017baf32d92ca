"""What LitGPT 0.5.13 refuses (litgpt/finetune/lora.py)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, equals, exceeds, is_given, is_turned_off, matches

REFUSALS = (
    Refusal(
        (matches("quantize", r"^bnb\."), matches("precision", "mixed")),
        "Quantization and mixed precision is not supported.",
        "write precision: bf16-true",
        "litgpt/finetune/lora.py:142 (setup)",
    ),
    Refusal(
        (is_given("quantize"), exceeds("devices|num_nodes", 1)),
        "Quantization is currently not supported for multi-GPU training.",
        "write devices: 1 and num_nodes: 1, or take quantize out",
        "litgpt/finetune/lora.py:154 (setup)",
    ),
    *(
        Refusal(
            (is_given(f"train.{name}"),),
            f"doesn't support the '{name}' argument.",
            f"take {name} out of train",
            "litgpt/finetune/lora.py:563 (validate_args)",
        )
        for name in ("max_tokens", "max_norm", "tie_embeddings")
    ),
    Refusal(
        (is_given("train.lr_warmup_fraction"),),  # beside lr_warmup_steps: 100, the default
        "Can't provide both `--train.lr_warmup_fraction` and `--train.lr_warmup_steps`.",
        "write train.lr_warmup_steps in the place of lr_warmup_fraction",
        "litgpt/args.py (TrainArgs.__post_init__), litgpt/finetune/lora.py:68 (setup)",
    ),
    *(
        Refusal(
            (matches(key, r"^(?!.*AdamW)."), matches("quantize", r"^bnb\.")),
            "The chosen quantization format only supports the AdamW optimizer.",
            "write optimizer: AdamW",
            "litgpt/utils.py:623 (instantiate_bnb_optimizer)",
        )
        for key in ("optimizer", "optimizer.class_path")
    ),
    Refusal(
        (
            equals("lora_query", False),
            equals("lora_value", False),
            is_turned_off("lora_key|lora_projection|lora_mlp|lora_head"),
        ),
        "element 0 of tensors does not require grad and does not have a grad_fn",
        "turn one of them on: nothing else trains",
        "litgpt/finetune/lora.py:212 (main: mark_only_lora_as_trainable)",
    ),
)
