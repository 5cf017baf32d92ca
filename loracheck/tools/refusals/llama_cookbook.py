"""What llama-cookbook 0.0.5.post1 refuses among its options (src/llama_cookbook/)."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    equals,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
)

_PEFT = "utils/config_utils.py:46 (generate_peft_config)"

REFUSALS = (
    Refusal(
        (equals("quantization", "8bit", True), is_turned_on("enable_fsdp")),
        "8bit quantization is not supported with FSDP, please use 4bit quantization",
        "write --quantization 4bit, or train on one GPU without --enable_fsdp",
        "finetuning.py:127 (main)",
    ),
    Refusal(
        (matches("quantization", r"^(?!(?:4bit|8bit|None)$)."), is_turned_on("use_peft")),
        "quantization must be either '4bit' or '8bit'",
        "write --quantization 4bit or --quantization 8bit",
        "configs/quantization.py:18 (create_bnb_config)",
    ),
    Refusal(
        (
            equals("peft_method", "llama_adapter"),
            is_turned_on("use_peft"),
            is_turned_on("enable_fsdp"),
        ),
        "Llama_adapter is currently not supported in combination with FSDP",
        "write --peft_method lora, or train on one GPU without --enable_fsdp",
        _PEFT,
    ),
    Refusal(
        (equals("peft_method", "prefix"), is_turned_on("use_peft")),
        "PrefixTuning is currently not supported",
        "write --peft_method lora",
        _PEFT,
    ),
    Refusal(
        (
            matches("peft_method", r"^(?!(?:lora|llama_adapter|prefix)$)."),
            is_turned_on("use_peft"),
        ),
        "Peft config not found",
        "write --peft_method lora; QLoRA is lora with --quantization 4bit",
        _PEFT,
    ),
    Refusal(
        (is_given("lora_config.bias|bias"), is_turned_on("use_peft")),
        "the field has no annotation in lora_config, and asdict leaves it out: no bias is trained",
        "take it out",
        "configs/peft.py:12 (lora_config)",
        effect="drops",
    ),
    Refusal(
        (is_given("from_peft_checkpoint"), is_turned_off("use_peft")),
        "the checkpoint is not read, and every weight of the model is trained",
        "write --use_peft beside it",
        "finetuning.py:215 (main)",
        effect="drops",
    ),
    Refusal(
        (is_turned_on("quantization"), is_turned_off("use_peft")),
        "quantised weights have no gradients: the embeddings and norms alone are trained",
        "write --use_peft --peft_method lora beside it, or take --quantization out",
        "finetuning.py:120 (main)",
        effect="drops",
    ),
)
