"""What TRL 1.16.0 refuses (trl/trainer), and transformers for it."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    QuantizedBase,
    Refusal,
    differs,
    equals,
    has,
    is_absent,
    is_given,
    is_turned_off,
    is_turned_on,
    started_by,
    unless,
)

QUANTIZED_BASE = QuantizedBase(
    "trl/trainer/utils.py:235 (get_quantization_config)",
    refused_methods=("gptq", "awq", "aqlm", "eetq", "hqq", "fp8", "mxfp4", "compressed-tensors"),
)

REFUSALS = (
    Refusal(
        (is_turned_on("load_in_8bit"), is_turned_on("load_in_4bit")),
        "You can't use 8 bit and 4 bit precision at the same time",
        "keep one of the two",
        "trl/trainer/model_config.py:175 (ModelConfig.__post_init__)",
    ),
    Refusal(
        (
            has("lora_target_modules", "lm_head"),
            differs("lora_task_type", "SEQ_CLS", "TOKEN_CLS", default="CAUSAL_LM"),
            is_turned_on("use_peft"),
        ),
        "Applying a PEFT adapter to `lm_head` is not supported",
        "take lm_head out of lora_target_modules, or train it in full with lora_modules_to_save",
        "trl/trainer/sft_trainer.py:1070, dpo_trainer.py:839, grpo_trainer.py:840, "
        "kto_trainer.py:852, rloo_trainer.py:629",
        note="older releases train on, some with an adapter on the head that learns nothing",
    ),
    Refusal(
        (is_turned_on("load_in_4bit|load_in_8bit"), equals("use_peft", False)),
        "You cannot perform fine-tuning on purely quantized models.",
        "write use_peft: true, or load the model unquantised",
        "transformers 5.24.0 trainer_utils.py:133 (validate_quantization_for_training)",
    ),
    Refusal(
        (
            is_turned_on("load_in_4bit|load_in_8bit"),
            is_absent("use_peft"),
            started_by("trl", "sft", "dpo", "kto", "orpo", "cpo", "reward_modeling"),
            unless("lora_r"),  # LC711 says the same where LoRA is asked for
            unless("lora_alpha"),
            unless("lora_target_modules"),
            unless("reward_model_path"),  # of PPO, whose trainer does not look
            unless("sft_model_path"),
        ),
        "You cannot perform fine-tuning on purely quantized models.",
        "write --use_peft, or load the model unquantised",
        "transformers 5.24.0 trainer_utils.py:133 (validate_quantization_for_training)",
    ),
    Refusal(
        (
            is_turned_on("use_bnb_nested_quant"),
            is_turned_on("use_peft"),
            is_turned_off("load_in_4bit"),
        ),
        "nothing is quantised: it is only looked at with load_in_4bit",
        "write load_in_4bit: true beside it",
        "trl/trainer/utils.py (get_quantization_config)",
        effect="drops",
    ),
    Refusal(
        (is_given("bnb_4bit_quant_type"), is_turned_on("use_peft"), is_absent("load_in_4bit")),
        "nothing is quantised: it is only looked at with load_in_4bit",
        "write load_in_4bit: true beside it, or take it out",
        "trl/trainer/utils.py (get_quantization_config)",
        effect="drops",
    ),
    Refusal(
        (
            is_turned_on("use_vllm"),
            equals("vllm_mode", "colocate", default="colocate"),
            is_turned_on("load_in_8bit"),
            is_turned_on("use_peft"),
        ),
        "vLLM does not support in-flight 8-bit quantization.",
        "write load_in_4bit: true in its place, or vllm_mode: server",
        "trl/generation/vllm_generation.py:344 (VLLMGeneration)",
        note="in older releases server is the default of vllm_mode",
    ),
    Refusal(
        (is_turned_on("sync_ref_model"), is_turned_on("use_peft")),
        "You passed `sync_ref_model=True` while using a PEFT model, which is currently not "
        "supported.",
        "take sync_ref_model out: with an adapter the reference is the model without it",
        "trl/trainer/dpo_trainer.py:992, grpo_trainer.py:1190, kto_trainer.py:1000, "
        "rloo_trainer.py:822",
    ),
)
