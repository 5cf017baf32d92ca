"""The fields in the order and the sections of the form."""

from __future__ import annotations

SECTIONS: dict[str, tuple[str, ...]] = {
    "Adapter": (
        "r",
        "lora_alpha",
        "lora_dropout",
        "target_modules",
        "exclude_modules",
        "target_parameters",
        "modules_to_save",
        "task_type",
        "bias",
    ),
    "Layers": (
        "layers_to_transform",
        "layers_pattern",
        "rank_pattern",
        "alpha_pattern",
        "layer_replication",
    ),
    "Variants": (
        "use_rslora",
        "use_dora",
        "init_lora_weights",
        "lora_bias",
        "use_qalora",
        "qalora_group_size",
        "use_bdlora",
        "eva_config",
        "loftq_config",
        "corda_config",
        "lora_ga_config",
        "velora_config",
        "monteclora_config",
        "kasa_config",
        "arrow_config",
    ),
    "Tokens and weights": (
        "trainable_token_indices",
        "ensure_weight_tying",
        "alora_invocation_tokens",
        "fan_in_fan_out",
        "megatron_config",
        "megatron_core",
        "runtime_config",
    ),
    "File": (
        "peft_type",
        "revision",
        "inference_mode",
        "auto_mapping",
        "peft_version",
    ),
}
"""Every field of LoraConfig but `base_model_name_or_path`, which stands on top as the model."""

MODEL = "model"
"""The name under which the form and the state know the base model."""

ORDER: tuple[str, ...] = (MODEL, *(name for names in SECTIONS.values() for name in names))
"""All of them, the base model first."""
