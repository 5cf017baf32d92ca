"""Names that are not fields: removed ones, and spellings that people write for a real field.

Removed fields: the released wheels of PEFT 0.0.1 to 0.21.2. Spellings: keys of other LoRA tools
and of published notebooks, and slips seen in issue trackers.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

REMOVED: dict[str, dict[str, Any]] = {
    "merge_weights": {"type": "bool", "since": "0.0.1", "removed": "0.3.0", "default": False},
    "enable_lora": {"type": "list[bool]|null", "since": "0.0.1", "removed": "0.3.0"},
}

SPELLINGS: dict[str, str] = {
    "rank": "r",
    "lora_r": "r",
    "lora_rank": "r",
    "lora_dim": "r",
    "network_dim": "r",
    "R": "r",
    "dim": "r",
    "alpha": "lora_alpha",
    "network_alpha": "lora_alpha",
    "lora_scaling": "lora_alpha",
    "scaling": "lora_alpha",
    "dropout": "lora_dropout",
    "p_dropout": "lora_dropout",
    "drop_out": "lora_dropout",
    "dropout_rate": "lora_dropout",
    "target": "target_modules",
    "targets": "target_modules",
    "modules": "target_modules",
    "target_module": "target_modules",
    "lora_target": "target_modules",
    "lora_targets": "target_modules",
    "lora_modules": "target_modules",
    "lora_target_modules": "target_modules",
    "exclude": "exclude_modules",
    "exclude_module": "exclude_modules",
    "excluded_modules": "exclude_modules",
    "additional_target": "modules_to_save",
    "additional_trainable_modules": "modules_to_save",
    "lora_modules_to_save": "modules_to_save",
    "module_to_save": "modules_to_save",
    "trainable_modules": "modules_to_save",
    "lora_bias_type": "bias",
    "bias_type": "bias",
    "task": "task_type",
    "tasktype": "task_type",
    "rslora": "use_rslora",
    "use_rs_lora": "use_rslora",
    "rs_lora": "use_rslora",
    "peft_use_rslora": "use_rslora",
    "lora_use_rslora": "use_rslora",
    "dora": "use_dora",
    "lora_use_dora": "use_dora",
    "peft_use_dora": "use_dora",
    "weight_decompose": "use_dora",
    "init": "init_lora_weights",
    "init_weights": "init_lora_weights",
    "init_lora": "init_lora_weights",
    "lora_init": "init_lora_weights",
    "layers": "layers_to_transform",
    "lora_layers": "layers_to_transform",
    "lora_layers_to_transform": "layers_to_transform",
    "peft_layers_to_transform": "layers_to_transform",
    "lora_layers_pattern": "layers_pattern",
    "lora_fan_in_fan_out": "fan_in_fan_out",
    "ranks": "rank_pattern",
    "alphas": "alpha_pattern",
    "loftq": "loftq_config",
    "eva": "eva_config",
    "corda": "corda_config",
    "lora_ga": "lora_ga_config",
    "bdlora": "use_bdlora",
    "bdlora_config": "use_bdlora",
    "base_model": "base_model_name_or_path",
    "base_model_name": "base_model_name_or_path",
    "model_name_or_path": "base_model_name_or_path",
    "trainable_tokens": "trainable_token_indices",
    "trainable_token_ids": "trainable_token_indices",
    "method": "peft_type",
}
