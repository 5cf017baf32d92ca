"""What axolotl 0.19.0 refuses (src/axolotl/utils/schemas). LC705 has those of `adapter: qlora`, of
new tokens and of lora_target_parameters.
"""

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
    matches,
    unless,
)

from .axolotl_optimizers import OPTIMIZERS
from .axolotl_plugins import PLUGINS

_LORA = equals("adapter", "lora", "qlora")
_BITS = is_turned_on("load_in_4bit|load_in_8bit")
_MATMUL = ("mm", "addmm", "matmul", "bmm", "aten::mm", "aten::addmm", "aten::matmul", "aten::bmm")
_KERNELS = "lora_mlp_kernel|lora_qkv_kernel|lora_o_kernel"

QUANTIZED_BASE = QuantizedBase(
    "src/axolotl/loaders/model.py:658 (_set_quantization_config)",
    kept_methods=("gptq", "awq"),
    refused_methods=("aqlm", "eetq", "hqq", "fp8", "mxfp4", "compressed-tensors"),
)

REFUSALS = (
    Refusal(
        (is_turned_on("lora_target_linear"), is_turned_on("quantize_moe_experts")),
        "lora_target_linear is not compatible with quantize_moe_experts.",
        "take lora_target_linear out: lora_target_modules for the attention, "
        "lora_target_parameters for the experts",
        "schemas/config.py:1951 (check_quantize_moe_experts)",
    ),
    Refusal(
        (is_turned_on("quantize_moe_experts"), differs("adapter", "lora", "qlora")),
        "quantize_moe_experts requires adapter: lora or qlora",
        "write adapter: qlora, or take quantize_moe_experts out",
        "schemas/config.py:1951 (check_quantize_moe_experts)",
    ),
    Refusal(
        (is_turned_on("quantize_moe_experts"), _LORA, is_turned_off("load_in_4bit|load_in_8bit")),
        "quantize_moe_experts requires load_in_4bit or load_in_8bit",
        "write load_in_4bit: true",
        "schemas/config.py:1951 (check_quantize_moe_experts)",
    ),
    Refusal(
        (is_turned_on(_KERNELS), equals("adapter", "lora"), is_turned_on("load_in_8bit")),
        "lora_mlp_kernel, lora_qkv_kernel, and lora_o_kernel are not compatible with 8-bit LoRA",
        "take the kernels out, or load in 4 bits with adapter: qlora",
        "schemas/validation.py:666 (check_lora_kernels_8bit)",
    ),
    Refusal(
        (is_turned_on(_KERNELS), is_turned_on("trust_remote_code")),
        "lora_mlp_kernel, lora_qkv_kernel, and lora_o_kernel are not compatible with "
        "trust_remote_code.",
        "take trust_remote_code out, or set the kernels to false",
        "schemas/validation.py:687 (check_lora_kernels_trust_remote_code)",
    ),
    Refusal(
        (is_turned_on("flash_attn_fuse_mlp"), _LORA),
        "Fused modules are not supported with LoRA/QLoRA",
        "take flash_attn_fuse_mlp out",
        "schemas/validation.py:633 (check_fused_lora)",
    ),
    Refusal(
        (is_turned_on("use_onebitllms"), _LORA),
        "LoRA/QLoRA is not supported with use_onebitllms",
        "take use_onebitllms out, or train without an adapter",
        "schemas/validation.py:639 (check_onebitllms_lora)",
    ),
    Refusal(
        (is_turned_on("lr_groups"), is_turned_on("loraplus_lr_ratio")),
        "lr_groups and loraplus_lr_ratio cannot be used together.",
        "keep one of the two",
        "schemas/validation.py:605 (check_lr_groups)",
    ),
    Refusal(
        (
            is_turned_on("unfrozen_parameters"),
            is_turned_on("adapter"),
            is_turned_on("peft_layers_to_transform"),
        ),
        "`unfrozen_parameters` used with `peft_layers_to_transform` can have unexpected behavior.",
        "keep one of the two",
        "schemas/validation.py:612 (check_frozen)",
    ),
    Refusal(
        (_BITS, is_turned_off("adapter"), unless("inference")),
        "load_in_8bit and load_in_4bit are not supported without setting an adapter for training.",
        "write adapter: qlora (4 bits) or adapter: lora (8 bits); for a full fine-tune take the "
        "bits out",
        "schemas/peft.py:179 (validate_adapter)",
    ),
    Refusal(
        (equals("optimizer", "q_galore_adamw8bit"), is_turned_on("adapter")),
        "q_galore_adamw8bit operates on full-precision parameters and is incompatible with adapter",
        "choose another optimizer, such as adamw_8bit",
        "schemas/validation.py:1016 (check_qgalore)",
    ),
    Refusal(
        (is_turned_on("model_quantization_config"), _BITS),
        "model_quantization_config and load_in_8bit or load_in_4bit cannot be used together.",
        "keep one of the two",
        "schemas/validation.py:1359 (check_model_quantization_config_vs_bnb)",
    ),
    Refusal(
        (is_turned_on("qat"), is_turned_on("peft")),
        "QAT and PEFT cannot be used together.",
        "take one of the two out",
        "schemas/config.py:2166 (check_qat_config)",
    ),
    Refusal(
        (is_turned_on("qat"), is_turned_on("load_in_8bit"), unless("peft")),
        "QAT and load_in_8bit cannot be used together.",
        "take one of the two out",
        "schemas/config.py:2166 (check_qat_config)",
    ),
    Refusal(
        (is_turned_on("qat"), is_turned_on("load_in_4bit"), unless("load_in_8bit"), unless("peft")),
        "QAT and load_in_4bit cannot be used together.",
        "take one of the two out",
        "schemas/config.py:2166 (check_qat_config)",
    ),
    Refusal(
        (_BITS, equals("fsdp_version", 2), equals("rl", "dpo", "kto", "orpo", "ipo")),
        "FSDP2 does not support load_in_8bit or load_in_4bit with",
        "use DeepSpeed, or set fsdp_version to 1",
        "schemas/validation.py:1178 (check_fsdp2_base_model_quant_rl)",
    ),
    Refusal(
        (is_turned_on("relora"), is_turned_off("jagged_restart_steps")),
        "jagged_restart_steps must be set to use ReLoRA",
        "write jagged_restart_steps",
        "schemas/validation.py:1732 (check_relora)",
    ),
    Refusal(
        (
            is_turned_on("relora"),
            is_turned_on("jagged_restart_steps"),
            is_turned_on("fsdp|fsdp_config"),
        ),
        "fsdp not supported with ReLoRA",
        "take relora or FSDP out",
        "schemas/validation.py:1732 (check_relora)",
    ),
    Refusal(
        (
            is_turned_on("relora"),
            is_turned_on("jagged_restart_steps"),
            unless("fsdp|fsdp_config"),
            is_turned_on("deepspeed"),
        ),
        "deepspeed not supported with ReLoRA",
        "take relora or deepspeed out",
        "schemas/validation.py:1732 (check_relora)",
    ),
    Refusal(
        (is_turned_on("unsloth_lora_mlp|unsloth_lora_qkv|unsloth_lora_o"),),
        "Please use `lora_mlp_kernel`, `lora_qkv_kernel`, `lora_o_kernel` instead.",
        "rename unsloth_lora_* to lora_mlp_kernel, lora_qkv_kernel and lora_o_kernel",
        "schemas/validation.py:63 (check_deprecated_unsloth_fields)",
    ),
    Refusal(
        (
            is_turned_on("unfrozen_parameters"),
            equals("gradient_checkpointing_kwargs.use_reentrant", True),
            is_turned_on("adapter"),
        ),
        "`use_reentrant` must be false when used with partially frozen model.",
        "write use_reentrant: false",
        "schemas/validation.py:474 (check_use_reentrant_mismatch)",
    ),
    Refusal(
        (
            is_turned_on("rl"),
            is_turned_on("gradient_checkpointing"),
            is_turned_on("gradient_checkpointing_kwargs.use_reentrant"),
            is_turned_on("load_in_4bit"),
            equals("adapter", "qlora"),
        ),
        "The `use_reentrant: True` implementation of gradient checkpointing is not supported for "
        "distributed RL training with QLoRA.",
        "write use_reentrant: false in gradient_checkpointing_kwargs",
        "schemas/validation.py:738 (check_rl_config_gradient_checkpointing)",
        note="on one GPU it is taken",
    ),
    Refusal(
        (
            is_turned_on(f"{_KERNELS}|lora_embedding_kernel"),
            is_given("fsdp_config"),
            differs("fsdp_version", 2),
        ),
        "lora_mlp_kernel, lora_qkv_kernel, and lora_o_kernel are not compatible with FSDP1.",
        "write fsdp_version: 2, or set the kernels to false",
        "schemas/config.py:1931 (check_multigpu_lora_kernels)",
        note="on one GPU it is taken",
    ),
    Refusal(
        (
            is_turned_on("load_in_4bit"),
            equals("adapter", "lora"),
            is_turned_off("load_in_8bit"),
            unless("quantize_moe_experts"),
            unless("gptq"),
        ),
        "only `adapter: qlora` loads a model in 4 bits; it is loaded unquantised",
        "write adapter: qlora; to stay in 16 bits take load_in_4bit out",
        "loaders/model.py:801 (ModelLoader._set_quantization_config)",
        effect="drops",
        note="a checkpoint that is stored quantised stays as it is",
    ),
    Refusal(
        (
            is_turned_on("load_in_4bit"),
            equals("adapter", "lora"),
            is_turned_on("load_in_8bit"),
            unless("quantize_moe_experts"),
        ),
        "`adapter: lora` loads the model in 8 bits",
        "keep load_in_8bit alone, or write adapter: qlora with load_in_4bit alone",
        "loaders/model.py:829 (ModelLoader._set_quantization_config)",
        effect="drops",
    ),
    Refusal(
        (is_turned_on("peft_layers_pattern"), is_turned_off("peft_layers_to_transform")),
        "peft_layers_pattern requires peft_layers_to_transform to be set",
        "write peft_layers_to_transform, or take peft_layers_pattern out",
        "schemas/validation.py:628 (check_peft_layers_pattern)",
    ),
    Refusal(
        (matches("adapter", r"^(?!(?:lora|qlora|llama-adapter)$)."), is_absent("plugins")),
        "is not built in and was not registered by a plugin.",
        "write adapter: lora, or adapter: qlora for 4 bits",
        "schemas/peft.py:196 (validate_adapter)",
    ),
    Refusal(
        (
            is_turned_on("relora"),
            is_turned_on("jagged_restart_steps"),
            differs("adapter", "lora", "qlora"),
            is_absent("plugins"),
        ),
        "cfg.adapter must support ReLoRA to use ReLoRA restart semantics",
        "write adapter: lora",
        "schemas/validation.py:1747 (check_relora)",
    ),
    Refusal(
        (
            is_turned_on("relora"),
            is_turned_on("jagged_restart_steps"),
            equals("lr_scheduler", "one_cycle"),
            unless("fsdp|fsdp_config"),
            unless("deepspeed"),
            _LORA,
        ),
        "ReLoRA is not compatible with the one_cycle scheduler",
        "write lr_scheduler: cosine",
        "schemas/validation.py:1758 (check_relora)",
    ),
    *(
        Refusal(
            (is_turned_on("merge_lora"), equals("adapter", "qlora"), is_turned_on(key)),
            says,
            f"write {key}: false for the merge",
            "schemas/peft.py:205 (validate_qlora)",
        )
        for key, says in (
            ("load_in_4bit", "Can't merge qlora if loaded in 4bit"),
            ("load_in_8bit", "Can't merge qlora if loaded in 8bit"),
            ("gptq", "Can't merge qlora if gptq"),
        )
    ),
    Refusal(
        (is_turned_on("gptq"), is_given("revision_of_model"), is_turned_on("adapter")),
        "revision_of_model is not supported for GPTQ models.",
        "fetch the checkpoint and give its folder as base_model",
        "schemas/validation.py:1685 (check_gptq_w_revision)",
    ),
    Refusal(
        (
            equals("model_quantization_config", "Mxfp4Config"),
            is_turned_on("fsdp_config.cpu_ram_efficient_loading"),
        ),
        "FSDP cpu_ram_efficient_loading is not supported for Mxfp4Config model quantization.",
        "write cpu_ram_efficient_loading: false in fsdp_config",
        "schemas/validation.py:1700 (check_gpt_oss_fsdp_loading)",
    ),
    Refusal(
        (
            has("selective_checkpointing.save", *_MATMUL),
            is_turned_on("adapter"),
            is_turned_on("gradient_checkpointing"),
        ),
        "which cannot be saved when training with a LoRA/QLoRA adapter",
        "write save: [attention]",
        "schemas/validation.py:1635 (check_selective_checkpointing)",
    ),
    Refusal(
        (is_turned_on("lora_rank_pattern|lora_alpha_pattern"), is_given("lora_model_dir"), _LORA),
        "are ignored when loading an existing adapter via lora_model_dir",
        "take them out: the adapter's own adapter_config.json has its ranks",
        "loaders/adapter.py:295 (_warn_if_patterns_differ_from_saved_adapter)",
        effect="drops",
    ),
    Refusal(
        (is_turned_on("sample_packing"), is_turned_on("rl"), is_turned_on("adapter")),
        "`sample_packing: true` does not work with RLHF training",
        "write sample_packing: false",
        "schemas/validation.py:706 (check_sample_packing_w_rl)",
    ),
    *OPTIMIZERS,
    *PLUGINS,
)
