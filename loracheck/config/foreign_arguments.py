"""Arguments that belong to another call than LoraConfig's: people write them there."""

from __future__ import annotations

_HOMES = {
    "SFTConfig or SFTTrainer (TRL)": (
        *("max_seq_length", "max_length", "dataset_text_field", "packing", "dataset_num_proc"),
        *("formatting_func", "assistant_only_loss", "completion_only_loss", "neftune_noise_alpha"),
    ),
    "TrainingArguments": (
        *("learning_rate", "num_train_epochs", "per_device_train_batch_size", "output_dir"),
        *("gradient_accumulation_steps", "gradient_checkpointing", "warmup_steps", "max_steps"),
        *("warmup_ratio", "weight_decay", "lr_scheduler_type", "logging_steps", "save_steps"),
        *("bf16", "fp16", "optim", "report_to", "max_grad_norm", "save_strategy"),
    ),
    "BitsAndBytesConfig": (
        *("load_in_4bit", "load_in_8bit", "bnb_4bit_quant_type", "bnb_4bit_compute_dtype"),
        *("bnb_4bit_use_double_quant", "bnb_4bit_quant_storage", "llm_int8_threshold"),
    ),
    "the model's from_pretrained": (
        *("device_map", "torch_dtype", "trust_remote_code", "attn_implementation"),
        *("quantization_config", "use_cache", "low_cpu_mem_usage"),
    ),
    "get_peft_model or PeftModel.from_pretrained": (
        *("adapter_name", "autocast_adapter_dtype", "is_trainable"),
    ),
}
"""TRL 1.16.0 `trl/trainer/sft_config.py`; transformers 5.24.0 `training_args.py`,
`utils/quantization_config.py`, `modeling_utils.py`; PEFT 0.21.2 `mapping_func.py`, `peft_model.py`.
"""


def find_home(name: str) -> str | None:
    """The call that an argument belongs to; None for an argument of no other call."""
    return next((home for home, names in _HOMES.items() if name in names), None)
