"""What oumi 0.9 ignores, or the libraries below it refuse (src/oumi)."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    QuantizedBase,
    Refusal,
    differs,
    equals,
    is_absent,
    is_given,
    is_turned_on,
    matches,
)

QUANTIZED_BASE = QuantizedBase(
    "src/oumi/builders/models.py:305 (build_huggingface_model)",
    refused_methods=("gptq", "awq", "aqlm", "eetq", "hqq", "fp8", "mxfp4", "compressed-tensors"),
)

REFUSALS = (
    Refusal(
        (
            differs("peft.q_lora_bits", 4, 8, default=4),
            is_turned_on("peft.q_lora"),
            is_turned_on("training.use_peft"),
        ),
        "BitsAndBytesConfig is made for neither 4 nor 8 bits, and nothing is quantised",
        "write q_lora_bits: 4 or 8",
        "src/oumi/core/configs/params/peft_params.py (to_bits_and_bytes)",
        effect="drops",
    ),
    Refusal(
        (is_turned_on("peft.q_lora"), equals("training.use_peft", False)),
        "the peft block is not read: the model is loaded unquantised and trained in full",
        "write use_peft: true in `training`",
        "src/oumi/train.py:506 (use_peft)",
        effect="drops",
    ),
    Refusal(
        (
            is_turned_on("peft.q_lora"),
            is_turned_on("fsdp.enable_fsdp"),
            is_turned_on("training.use_peft"),
            equals("model.torch_dtype_str", "auto"),
        ),
        "torch_dtype cannot be 'auto' for QLoRA FSDP training.",
        "write torch_dtype_str: bfloat16, and the same as bnb_4bit_quant_storage",
        "src/oumi/train.py:598 (train)",
        note="where accelerate runs FSDP",
    ),
    Refusal(
        (
            is_given("peft.q_lora_bits|peft.bnb_4bit_quant_type|peft.use_bnb_nested_quant"),
            is_absent("peft.q_lora"),
            is_turned_on("training.use_peft"),
        ),
        "the model is loaded as it is, not quantised",
        "write q_lora: true beside it, or take it out",
        "src/oumi/builders/models.py:304 (build_huggingface_model)",
        effect="drops",
    ),
    *(
        Refusal(
            (
                is_turned_on("peft.q_lora"),
                is_turned_on("fsdp.enable_fsdp"),
                is_turned_on("training.use_peft"),
                equals("model.torch_dtype_str", dtype),
                differs("peft.bnb_4bit_quant_storage", dtype, default="uint8"),
            ),
            "BnB 4-bit quantization storage dtype must match model dtype.",
            f"write bnb_4bit_quant_storage: {dtype}",
            "src/oumi/train.py:592 (train)",
            note="where accelerate runs FSDP",
        )
        for dtype in ("bfloat16", "float16", "float32")
    ),
    Refusal(
        (is_turned_on("training.use_peft"), equals("training.trainer_type", "VERL_GRPO")),
        "the peft block is not read: verl trains the whole model",
        "give verl its own LoRA: training.verl_config_overrides with lora_rank",
        "src/oumi/train.py:460 (train)",
        effect="drops",
    ),
    Refusal(
        (
            equals("training.mixed_precision_dtype", "bf16", "fp16", "BF16", "FP16"),
            differs(
                "model.torch_dtype_str",
                *("float32", "fp32", "f32", "float"),
                default="float32",
            ),
            is_turned_on("training.use_peft"),
        ),
        "Model must be loaded in fp32 to enable mixed precision training.",
        "take mixed_precision_dtype out: the model trains in its own type; or write "
        "torch_dtype_str: float32",
        "src/oumi/core/configs/training_config.py:139 (TrainingConfig.__post_init__)",
    ),
    Refusal(
        (is_turned_on("model.compile"), is_turned_on("training.use_peft")),
        "Use `training.compile` instead of `model.compile`",
        "move compile to the training block",
        "src/oumi/core/configs/training_config.py:92 (TrainingConfig.__post_init__)",
    ),
    Refusal(
        (
            is_turned_on("training.compile"),
            equals("fsdp.use_orig_params", False),
            is_turned_on("training.use_peft"),
        ),
        "`fsdp.use_orig_params` must be True for model compilation.",
        "write use_orig_params: true, or take compile out",
        "src/oumi/core/configs/training_config.py:97 (TrainingConfig.__post_init__)",
    ),
    Refusal(
        (
            is_turned_on("fsdp.enable_fsdp"),
            is_turned_on("deepspeed.enable_deepspeed"),
            is_turned_on("training.use_peft"),
        ),
        "Cannot enable both FSDP and DeepSpeed simultaneously.",
        "keep one of the two blocks",
        "src/oumi/core/configs/training_config.py:105 (TrainingConfig.__post_init__)",
    ),
    Refusal(
        (
            is_turned_on("deepspeed.enable_deepspeed"),
            differs("deepspeed.train_batch_size", "auto", default="auto"),
            matches("training.trainer_type", r"^TRL_(?:SFT|DPO|KTO|GRPO|GKD|GOLD)$"),
            is_turned_on("training.use_peft"),
        ),
        "train_batch_size must be set to 'auto' to allow proper batch size management.",
        "write train_batch_size: auto in the deepspeed block",
        "src/oumi/core/configs/training_config.py:126 (TrainingConfig.__post_init__)",
    ),
    Refusal(
        (
            is_turned_on("training.include_performance_metrics"),
            equals("training.trainer_type", "TRL_GRPO"),
            is_turned_on("training.use_peft"),
        ),
        "`include_performance_metrics` is not supported for TRL_GRPO trainer.",
        "take include_performance_metrics out",
        "src/oumi/core/configs/params/training_params.py:1067 (TrainingParams.__post_init__)",
    ),
)
