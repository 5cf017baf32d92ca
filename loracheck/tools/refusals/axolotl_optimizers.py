"""What axolotl 0.19.0 refuses of optimizers and of sharding where an adapter is trained
(src/axolotl/utils/schemas).
"""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    equals,
    exceeds,
    has_match,
    is_given,
    is_turned_on,
    matches,
)

_POLORA = equals("optimizer", "polora")
_CHECK_POLORA = "schemas/validation.py:{} (check_polora)"
_TRAINED_BESIDE = (
    "lora_modules_to_save|unfrozen_parameters|peft_use_dora|peft_trainable_token_indices"
    "|lisa_step_interval|reward_model|process_reward_model"
)
_ADAPTER = equals("adapter", "lora", "qlora")
_RAM = "fsdp_config.cpu_ram_efficient_loading|fsdp_config.fsdp_cpu_ram_efficient_loading"
_FSDP_2 = equals("fsdp_version|fsdp_config.fsdp_version|fsdp_config.version", 2)
_FLASH = equals("optimizer", "flash_adamw", "flash_adam", "flash_sgd", "flash_sgdw", "flash_lion")
_FSDP = is_turned_on("fsdp|fsdp_config")
_NO_FSDP_2 = (
    differs("fsdp_version", 2),
    differs("fsdp_config.fsdp_version", 2),
    differs("fsdp_config.version", 2),
)

OPTIMIZERS = (
    Refusal(
        (_POLORA, differs("adapter", "lora", "qlora")),
        "polora only updates LoRA (A, B) factors and requires adapter: lora or qlora.",
        "write adapter: lora, or another optimizer",
        _CHECK_POLORA.format(951),
    ),
    Refusal(
        (_POLORA, is_turned_on("deepspeed"), _ADAPTER),
        "polora is not compatible with DeepSpeed or tensor parallelism.",
        "take deepspeed out (FSDP2 is taken), or write optimizer: adamw_torch_fused",
        _CHECK_POLORA.format(958),
    ),
    Refusal(
        (_POLORA, exceeds("tensor_parallel_size", 1), _ADAPTER),
        "polora is not compatible with DeepSpeed or tensor parallelism.",
        "write tensor_parallel_size: 1, or optimizer: adamw_torch_fused",
        _CHECK_POLORA.format(958),
    ),
    Refusal(
        (
            _POLORA,
            is_turned_on("fsdp|fsdp_config"),
            differs("fsdp_version", 2),
            differs("fsdp_config.fsdp_version", 2),
            _ADAPTER,
        ),
        "polora requires FSDP2.",
        "write fsdp_version: 2",
        _CHECK_POLORA.format(964),
    ),
    Refusal(
        (_POLORA, is_turned_on(_TRAINED_BESIDE), _ADAPTER),
        "polora has no fallback optimizer, so the parameters added by",
        "take this key out, or write optimizer: adamw_torch_fused",
        _CHECK_POLORA.format(982),
    ),
    Refusal(
        (
            _POLORA,
            is_turned_on("loraplus_lr_ratio|lr_groups|embedding_lr|embedding_lr_scale"),
            _ADAPTER,
        ),
        "polora sets its own per-factor step size",
        "take this key out, or write optimizer: adamw_torch_fused",
        _CHECK_POLORA.format(1000),
    ),
    Refusal(
        (_POLORA, is_turned_on("relora_steps"), _ADAPTER),
        "relora resets optimizer state through Optimizer.state, which polora does not use",
        "take relora_steps out, or write optimizer: adamw_torch_fused",
        _CHECK_POLORA.format(1006),
    ),
    Refusal(
        (_POLORA, is_turned_on("weight_decay"), _ADAPTER),
        "polora has no weight decay term",
        "take weight_decay out",
        _CHECK_POLORA.format(1011),
        effect="drops",
    ),
    Refusal(
        (equals("optimizer", "muon"), is_turned_on("deepspeed"), is_turned_on("adapter")),
        "Muon optimizer is currently incompatible with DeepSpeed",
        "write optimizer: adamw_torch_fused, or shard by FSDP with fsdp_version: 2",
        "schemas/validation.py:934 (check_muon_deepspeed_fsdp)",
    ),
    Refusal(
        (equals("optimizer", "muon"), _FSDP, *_NO_FSDP_2, is_turned_on("adapter")),
        "Muon optimizer is only compatible with FSDP2.",
        "write fsdp_version: 2",
        "schemas/validation.py:940 (check_muon_deepspeed_fsdp)",
    ),
    Refusal(
        (_FLASH, is_turned_on("deepspeed"), is_turned_on("adapter")),
        "optimizer is incompatible with DeepSpeed.",
        "write another optimizer, or shard by FSDP with fsdp_version: 2",
        "schemas/validation.py:1062 (check_flashoptim_deepspeed_fsdp)",
    ),
    Refusal(
        (_FLASH, _FSDP, *_NO_FSDP_2, is_turned_on("adapter")),
        "optimizer is only compatible with FSDP2.",
        "write fsdp_version: 2",
        "schemas/validation.py:1068 (check_flashoptim_deepspeed_fsdp)",
    ),
    Refusal(
        (
            matches("optimizer", r"8bit"),
            is_turned_on("fsdp_config.offload_params|fsdp_config.fsdp_offload_params"),
            *_NO_FSDP_2,
            is_turned_on("adapter"),
        ),
        "FSDP Offload not compatible with",
        "write optimizer: adamw_torch, or offload_params: false",
        "schemas/validation.py:1236 (check_fsdp_offload_w_8bit_optimizer)",
    ),
    Refusal(
        (
            equals("gradient_checkpointing_kwargs.use_reentrant", False),
            equals("adapter", "qlora"),
            matches("deepspeed", r"zero3"),
        ),
        "qlora + zero3 with use_reentrant: false may result in a CheckpointError about recomputed "
        "values",
        "write use_reentrant: true, or name a config of stage 2 (zero2.json)",
        "schemas/validation.py:646 (warn_qlora_zero3_w_use_reentrant)",
        effect="spoils",
        note="axolotl's own warning",
    ),
    Refusal(
        (is_turned_on("load_in_4bit"), is_turned_on(_RAM), _FSDP_2, is_turned_on("adapter")),
        "FSDP2 does not support `cpu_ram_efficient_loading` with load_in_4bit",
        "write cpu_ram_efficient_loading: false in fsdp_config",
        "schemas/validation.py:1275 (check_fsdp2_cpu_ram_efficient_loading_w_4bit)",
        note="releases before 0.19 take it",
    ),
    Refusal(
        (
            equals("optimizer", "adamw_8bit", "adamw_bnb_8bit"),
            is_turned_on("fsdp_config"),
            _FSDP_2,
            is_turned_on("adapter"),
        ),
        "FSDP2 not compatible with",
        "write optimizer: adamw_torch_8bit",
        "schemas/validation.py:1259 (check_fsdp2_w_8bit_optimizer)",
    ),
    Refusal(
        (
            has_match("lr_groups.modules", r"embed_tokens|lm_head"),
            is_turned_on("adapter"),
        ),
        "these parameters have the learning rate of embedding_lr, where lora_modules_to_save has "
        "them; else they are frozen",
        "write embedding_lr (or embedding_lr_scale) and lora_modules_to_save: "
        "[embed_tokens, lm_head]",
        "core/trainers/mixins/optimizer.py:45 (create_optimizer_grouped_parameters)",
        effect="drops",
    ),
    Refusal(
        (equals("adapter", "lora"), is_turned_on("load_in_8bit"), matches("deepspeed", r"zero3")),
        "in 8 bits under ZeRO-3 the run stops, or begins with a loss some ten times too high: "
        "bitsandbytes' int8 weights do not bear being split",
        "name a config of stage 1 or 2 (zero2.json), or write adapter: qlora with load_in_4bit",
        "loaders/model.py:829 (ModelLoader._set_quantization_config); axolotl-ai-cloud/axolotl "
        "issue 2068, bitsandbytes-foundation/bitsandbytes issue 1451",
        effect="spoils",
        note="told by the name of the file: zero3.json is axolotl's own of stage 3",
    ),
    Refusal(
        (
            is_turned_on("ple_cpu_offload"),
            equals("adapter", "lora"),
            differs("load_in_8bit", True),
        ),
        "ple_cpu_offload requires qlora with load_in_4bit or lora with load_in_8bit",
        "write load_in_8bit: true, or adapter: qlora with load_in_4bit: true",
        "schemas/config.py:1774 (check_ple_cpu_offload)",
    ),
    Refusal(
        (is_turned_on("ple_cpu_offload"), is_given("fsdp|fsdp_config"), is_turned_on("adapter")),
        "ple_cpu_offload is not compatible with FSDP",
        "take ple_cpu_offload out, or the keys of FSDP",
        "schemas/config.py:1766 (check_ple_cpu_offload)",
    ),
    Refusal(
        (is_turned_on("ple_cpu_offload"), is_turned_on("deepspeed"), is_turned_on("adapter")),
        "ple_cpu_offload is not compatible with DeepSpeed",
        "take ple_cpu_offload out, or deepspeed",
        "schemas/config.py:1768 (check_ple_cpu_offload)",
    ),
)
