"""What the plugins of axolotl 0.19.0 refuse of LoRA (src/axolotl/integrations). A plugin's keys are
looked at where `plugins` names it.
"""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    equals,
    has,
    is_given,
    is_turned_off,
    is_turned_on,
    unless,
)

_KERNELS = has(
    "plugins",
    "axolotl.integrations.kernels.KernelsPlugin",
    "axolotl.integrations.kernels.plugin.KernelsPlugin",
)
_MORA = (
    equals("adapter", "mora"),
    has(
        "plugins",
        "axolotl.integrations.mora.MoraPlugin",
        "axolotl.integrations.mora.plugin.MoraPlugin",
    ),
)
_CHECK_MORA = "integrations/mora/plugin.py:{} (MoraPlugin._validate_mora_config)"

PLUGINS = (
    Refusal(
        (
            is_turned_on("nvfp4_merge_aware"),
            _KERNELS,
            is_turned_off("use_sonicmoe"),
            differs("expert_backend", "sonicmoe"),
        ),
        "nvfp4_merge_aware requires the sonicmoe expert backend",
        "write expert_backend: sonicmoe",
        "integrations/kernels/args.py:102 (check_nvfp4_merge_aware)",
    ),
    Refusal(
        (
            is_given("nvfp4_merge_aware_start_step"),
            _KERNELS,
            is_turned_off("nvfp4_merge_aware"),
        ),
        "nvfp4_merge_aware_start_step requires nvfp4_merge_aware: true",
        "write nvfp4_merge_aware: true beside it",
        "integrations/kernels/args.py:97 (check_nvfp4_merge_aware)",
    ),
    Refusal(
        (is_turned_on("nvfp4_merge_aware"), _KERNELS, differs("adapter", "lora")),
        "nvfp4_merge_aware requires a LoRA adapter (adapter: lora)",
        "write adapter: lora: the base is in NVFP4 already",
        "integrations/kernels/args.py:107 (check_nvfp4_merge_aware)",
    ),
    Refusal(
        (
            is_turned_on("lora_mlp_kernel|lora_qkv_kernel|lora_o_kernel"),
            is_turned_on("nvfp4_merge_aware"),
            equals("adapter", "lora"),
            _KERNELS,
        ),
        "nvfp4_merge_aware is incompatible with",
        "take the lora_*_kernel keys out: they are not switched on by themselves beside "
        "nvfp4_merge_aware",
        "integrations/kernels/args.py:117 (check_nvfp4_merge_aware)",
    ),
    Refusal(
        (
            is_turned_on("lora_target_linear|lora_target_modules"),
            is_turned_on("use_dsv4_kernels"),
            _KERNELS,
            unless("lora_exclude_modules"),
        ),
        "attention/module-level LoRA is not supported with use_dsv4_kernels",
        "name the experts in lora_target_parameters alone, or leave the indexer's projections out "
        "by lora_exclude_modules",
        "integrations/kernels/args.py:300 (check_dsv4_attention_lora_unsupported)",
    ),
    Refusal(
        (equals("mora.use_mora", False), *_MORA),
        "mora.use_mora must be true when adapter: mora is set",
        "write use_mora: true, or adapter: lora",
        _CHECK_MORA.format(58),
    ),
    Refusal(
        (is_turned_on("load_in_4bit|load_in_8bit"), *_MORA, differs("mora.use_mora", False)),
        "adapter: mora currently requires a full-precision base model.",
        "take the bits out, or write adapter: qlora with load_in_4bit",
        _CHECK_MORA.format(60),
    ),
    Refusal(
        (is_turned_on("gptq"), *_MORA, differs("mora.use_mora", False)),
        "adapter: mora is not compatible with GPTQ quantized base models.",
        "write adapter: lora",
        _CHECK_MORA.format(65),
    ),
)
