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
)
