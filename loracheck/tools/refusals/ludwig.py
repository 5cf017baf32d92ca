"""What Ludwig 0.17.8 refuses (ludwig/config_validation/checks.py)."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    equals,
    is_absent,
    is_given,
    is_turned_off,
    is_turned_on,
)

_LLM = equals("model_type", "llm")

REFUSALS = (
    Refusal(
        (
            is_given("adapter"),
            _LLM,
            equals("trainer.type", "none", default="none"),
            is_absent("adapter.pretrained_adapter_weights"),
        ),
        "LLM finetuning requires trainer type to be finetune.",
        "write trainer: {type: finetune}",
        "ludwig/config_validation/checks.py:480 (check_llm_finetuning_trainer_config)",
    ),
    Refusal(
        (
            is_turned_on("quantization"),
            _LLM,
            equals("trainer.type", "finetune"),
            is_absent("adapter"),
        ),
        "Fine-tuning and LLM with quantization requires using the 'lora' adapter",
        "write adapter: {type: lora}, or take quantization out",
        "ludwig/config_validation/checks.py:629 (check_qlora_requirements)",
    ),
    Refusal(
        (
            is_turned_on("adapter.postprocessor.merge_adapter_into_base_model"),
            _LLM,
            equals("trainer.type", "finetune"),
            equals("quantization.bits", 4),
        ),
        "This operation will entail merging LoRA layers on a 4-bit quantized model.",
        "quantise to 8 bits, or take quantization or the merging out",
        "ludwig/config_validation/checks.py:648 (check_qlora_merge_and_unload_compatibility)",
    ),
    Refusal(
        (
            is_turned_on("quantization"),
            _LLM,
            equals("trainer.type", "finetune"),
            is_given("adapter.type"),
            differs("adapter.type", "lora"),
        ),
        "Fine-tuning and LLM with quantization requires using the 'lora' adapter",
        "write adapter: {type: lora}, or take quantization out",
        "ludwig/config_validation/checks.py:629 (check_qlora_requirements)",
    ),
    *(
        Refusal(
            (
                equals("adapter.init_lora_weights", start),
                equals("adapter.type", "lora"),
                is_absent(f"adapter.{start}_config"),
                _LLM,
            ),
            f"`{start}_config` must be set when `init_lora_weights` is '{start}'.",
            f"write {start}_config: {{{example}}} beside it",
            "ludwig/schema/llms/peft.py:150 (LoraConfig.__post_init__)",
        )
        for start, example in (("loftq", "loftq_bits: 4, loftq_iter: 1"), ("eva", "rho: 2.0"))
    ),
    Refusal(
        (equals("quantization.backend", "torchao"), _LLM, is_absent("quantization.mode")),
        "`quantization.mode` is required when `quantization.backend` is 'torchao'.",
        "write mode: int4_weight_only",
        "ludwig/schema/llms/quantization.py:131 (QuantizationConfig)",
    ),
    Refusal(
        (
            is_given("quantization.mode"),
            _LLM,
            differs("quantization.backend", "torchao", default="bitsandbytes"),
        ),
        "`quantization.mode` is only supported for `backend: torchao`.",
        "write backend: torchao, or take mode out and write bits",
        "ludwig/schema/llms/quantization.py:137 (QuantizationConfig)",
    ),
    Refusal(
        (
            is_turned_on("quantization.qat"),
            _LLM,
            differs("quantization.backend", "torchao", default="bitsandbytes"),
        ),
        "`quantization.qat: true` is only supported for `backend: torchao`.",
        "write backend: torchao with a mode, or take qat out",
        "ludwig/schema/llms/quantization.py:142 (QuantizationConfig)",
    ),
    Refusal(
        (is_turned_on("adapter"), is_turned_on("adapters"), _LLM),
        "Cannot set both `adapter:` and `adapters:`",
        "keep adapter for one adapter, adapters for several",
        "ludwig/schema/model_types/llm.py:91 (LLMModelConfig)",
    ),
    Refusal(
        (is_turned_on("adapters"), _LLM, equals("trainer.type", "none", default="none")),
        "Adapter config was provided, but trainer type is not set to `finetune`.",
        "write trainer: {type: finetune}",
        "ludwig/models/llm.py:189 (LLM.prepare_for_training)",
    ),
    Refusal(
        (is_turned_on("adapters"), _LLM, is_turned_off("adapters.adapters")),
        "`adapters.adapters` must contain at least one entry.",
        "list the adapters by their names: adapters: {adapters: {style: {type: lora}}}",
        "ludwig/schema/model_types/llm.py:98 (LLMModelConfig)",
    ),
    Refusal(
        (is_given("adapters.merge"), is_absent("adapters.merge.sources"), _LLM),
        "`adapters.merge.sources` is required when `adapters.merge` is set.",
        "list the adapters to merge in sources",
        "ludwig/schema/model_types/llm.py:114 (LLMModelConfig)",
    ),
)
