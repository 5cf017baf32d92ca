"""What NeMo RL refuses (nemo_rl/, commit 7ea279a)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, equals, exceeds, is_turned_on

_LORA = is_turned_on("policy.dtensor_cfg.lora_cfg.enabled")
_PEFT = is_turned_on("policy.megatron_cfg.peft.enabled")

REFUSALS = (
    Refusal(
        (_LORA, equals("policy.dtensor_cfg._v2", False)),
        "LoRA is not supported for DTensorPolicyWorker V1",
        "write _v2: true in dtensor_cfg",
        "nemo_rl/models/policy/lm_policy.py:175 (Policy.__init__)",
    ),
    Refusal(
        (
            _LORA,
            is_turned_on("policy.dtensor_cfg.lora_cfg.use_triton"),
            exceeds("policy.dtensor_cfg.tensor_parallel_size", 1),
        ),
        "Triton is not supported when tensor_parallel_size > 1",
        "write use_triton: false in lora_cfg",
        "nemo_rl/models/automodel/setup.py:668",
    ),
    Refusal(
        (
            _LORA,
            equals("policy.dtensor_cfg.enabled", False),
            is_turned_on("policy.megatron_cfg.enabled"),
        ),
        "lora_cfg is for the DTensor workers: Megatron trains every weight",
        "write the peft block of megatron_cfg, with enabled: true",
        "nemo_rl/models/policy/lm_policy.py (Policy.__init__)",
        effect="drops",
    ),
    Refusal(
        (
            _PEFT,
            equals("policy.megatron_cfg.enabled", False),
            is_turned_on("policy.dtensor_cfg.enabled"),
        ),
        "the peft block is for Megatron: the DTensor workers train every weight",
        "write lora_cfg in dtensor_cfg, with enabled: true",
        "nemo_rl/models/policy/lm_policy.py (Policy.__init__)",
        effect="drops",
    ),
    Refusal(
        (
            _PEFT,
            is_turned_on("policy.megatron_cfg.peft.exclude_modules"),
            is_turned_on("policy.megatron_cfg.peft.target_modules"),
        ),
        "exclude_modules should be empty when using target_modules",
        "keep one of the two: target_modules: [] is every linear layer but those of "
        "exclude_modules",
        "Megatron-Bridge, megatron/bridge/peft/module_matcher.py:142 (ModuleMatcher.match)",
    ),
)
