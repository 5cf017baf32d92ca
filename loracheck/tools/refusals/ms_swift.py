"""What ms-swift 4.6.0 refuses, or ignores (swift/)."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    PROGRAM,
    Refusal,
    differs,
    equals,
    exceeds,
    has,
    is_absent,
    is_given,
    is_turned_off,
    is_turned_on,
    lacks,
    started_by,
    unless,
)

_LORA = equals("tuner_type|train_type", "lora", "longlora")

_LORA_LLM = equals("tuner_type", "lora_llm")
"""Megatron's; a tuner of one's own may have the name elsewhere."""

REFUSALS = (
    Refusal(
        (
            is_given("ref_model"),
            _LORA,
            equals("rlhf_type", "dpo", "kto", "ppo", "orpo", "cpo", "simpo"),
        ),
        "CPO/ORPO or LoRA training does not require a ref_model to be passed in.",
        "take ref_model out: with LoRA the base model without the adapter is the reference",
        "swift/arguments/rlhf_args.py:299 (RLHFArguments.__post_init__)",
    ),
    Refusal(
        (equals("tuner_backend", "unsloth"), equals("tuner_type|train_type", "longlora")),
        "Unsloth does not support LongLoRA",
        "write tuner_type: lora, or tuner_backend: peft",
        "swift/pipelines/train/tuner.py:240 (prepare_adapter)",
    ),
    Refusal(
        (
            is_given("quant_method"),
            differs("quant_method", "fp8", "awq", "gptq", "gptq_v2"),
            is_absent("quant_bits"),
        ),
        "Please set the quant_bits.",
        "write quant_bits: 4",
        "swift/arguments/base_args/quant_args.py:50 (get_quantization_config)",
    ),
    Refusal(
        (differs("quant_bits", 4, 8, default=4), equals("quant_method", "bnb")),
        "bnb not support quant_bits",
        "write quant_bits: 4 or 8",
        "swift/arguments/base_args/quant_args.py:57 (get_quantization_config)",
    ),
    Refusal(
        (
            is_given("quant_bits"),
            is_absent("quant_method"),
            _LORA,
            differs("tuner_backend", "unsloth", default="peft"),
        ),
        "the model is loaded as it is, not quantised",
        "write quant_method: bnb beside it; where the checkpoint is quantised already, take "
        "quant_bits out",
        "swift/arguments/base_args/quant_args.py:45 (get_quantization_config)",
        effect="drops",
    ),
    Refusal(
        (is_given("target_parameters"), equals("tuner_backend", "unsloth")),
        "the parameters get no LoRA",
        "write tuner_backend: peft",
        "swift/pipelines/train/tuner.py:206 (prepare_adapter)",
        effect="drops",
    ),
    Refusal(
        (
            equals("bridge_backend", "megatron-bridge"),
            differs("tuner_type", "full", default="full"),
        ),
        'LoRA training is not yet supported with bridge_backend="megatron-bridge".',
        "write bridge_backend: mcore-bridge, or tuner_type: full",
        "swift/megatron/arguments/megatron_args.py:816",
    ),
    Refusal(
        (_LORA_LLM, equals("merge_lora", False), started_by("megatron")),
        "`merge_lora` must be True when using `--tuner_type lora_llm`",
        "write merge_lora: true",
        "swift/megatron/arguments/megatron_args.py:929",
    ),
    Refusal(
        (
            is_given("trainable_parameters|trainable_parameters_regex"),
            _LORA,
            unless("bridge_backend"),
        ),
        "only tuner_type full reads it: nothing is trained beside the adapter",
        "name the modules in modules_to_save, which trains them in full beside LoRA",
        "swift/pipelines/train/tuner.py:413 (TunerMixin.prepare_model)",
        effect="drops",
    ),
    Refusal(
        (
            is_given("freeze_parameters|freeze_parameters_regex|freeze_parameters_ratio"),
            _LORA,
            unless("bridge_backend"),
        ),
        "only tuner_type full reads it: LoRA is put on these parts all the same",
        "leave them out by target_regex, or by freeze_llm, freeze_vit and freeze_aligner",
        "swift/pipelines/train/tuner.py:412 (TunerMixin.prepare_model)",
        effect="drops",
    ),
    Refusal(
        (equals("quant_method", "quanto"), differs("quant_bits", 2, 4, 8, "float8", default=4)),
        "quanto quantization only support quant bits 2/4/8/float8",
        "write quant_bits: 2, 4, 8 or float8",
        "swift/arguments/base_args/quant_args.py:91 (get_quantization_config)",
    ),
    Refusal(
        (
            is_given("bnb_4bit_quant_type|bnb_4bit_use_double_quant|bnb_4bit_compute_dtype"),
            is_absent("quant_method"),
            is_absent("quant_bits"),
            _LORA,
        ),
        "the model is loaded as it is, not quantised",
        "write quant_method: bnb and quant_bits: 4 beside it, or take it out",
        "swift/arguments/base_args/quant_args.py:45 (get_quantization_config)",
        effect="drops",
    ),
    Refusal(
        (has("target_modules", "all-embedding"), started_by("megatron"), _LORA),
        "Target module LanguageModelEmbedding",
        "train the embedding in full beside LoRA: --modules_to_save word_embeddings output_layer",
        "swift/megatron/utils/utils.py:120 (get_target_modules); mcore_bridge/tuners/patcher.py:35 "
        "(dispatch_megatron)",
    ),
    Refusal(
        (
            is_given("use_dora|init_weights|target_parameters|lorap_lr_ratio"),
            started_by("megatron"),
        ),
        "remaining_argv",
        "take it out: Megatron-SWIFT has rank, alpha, dropout, bias, use_rslora and the targets",
        "swift/megatron/arguments/megatron_args.py:444 (MegatronTunerMixin)",
    ),
    Refusal(
        (exceeds("lisa_activated_layers", 0), _LORA),
        "LISA only supports full parameter training.",
        "take lisa_activated_layers out, or write tuner_type: full",
        "swift/callbacks/lisa.py:16 (LISACallback)",
    ),
    Refusal(
        (_LORA_LLM, is_turned_on("language_model_only"), started_by("megatron")),
        '`tuner_type="lora_llm"` is not supported when `language_model_only=True`.',
        "write tuner_type: lora",
        "swift/megatron/arguments/megatron_args.py:804 (_check_mcore_bridge)",
    ),
    Refusal(
        (
            _LORA_LLM,
            is_turned_off("no_save_optim"),
            differs("merge_lora", False),
            started_by("megatron"),
        ),
        "`no_save_optim` must be True when using `--tuner_type lora_llm`",
        "write no_save_optim: true",
        "swift/megatron/arguments/megatron_args.py:931",
    ),
    Refusal(
        (_LORA_LLM, is_turned_on("vllm_enable_lora"), started_by("megatron")),
        "the rollouts do not get what is trained beside the adapter: plz set vllm_enable_lora to "
        "False",
        "write vllm_enable_lora: false",
        "swift/megatron/trainers/rollout_mixin.py:568 (_move_full_model_to_vllm)",
        effect="spoils",
    ),
    Refusal(
        (is_given("ref_adapters"), _LORA, equals("rlhf_type", "ppo", "orpo", "cpo", "simpo", "rm")),
        "Currently, only DPO, KTO, and GRPO support `ref_adapters`.",
        "take ref_adapters out",
        "swift/pipelines/train/rlhf.py:194 (SwiftRLHF.prepare_model)",
    ),
    Refusal(
        (is_turned_on("use_dora"), is_turned_on("vllm_enable_lora"), _LORA),
        "vLLM does not yet support DoRA.",
        "write vllm_enable_lora: false: the merged weights are sent, or take use_dora out",
        "swift/rlhf_trainers/utils.py:1266 (patch_vllm_load_adapter), vLLM 0.26 "
        "vllm/lora/peft_helper.py (PEFTHelper._validate_features)",
    ),
    *(
        Refusal(
            (
                equals(key, False),
                _LORA,
                lacks("target_modules", "all-linear"),
                differs(PROGRAM, "megatron"),  # which goes by it in the tower's checkpointing too
            ),
            f"the names in target_modules are taken wherever they stand: {key} is for all-linear",
            "write target_modules: all-linear, or name the modules of that part too",
            "swift/pipelines/train/tuner.py:90 (get_target_modules)",
            effect="drops",
        )
        for key in ("freeze_vit", "freeze_aligner")
    ),
    Refusal(
        (
            equals("quant_method", "bnb", "hqq", "eetq", "quanto"),
            equals("tuner_type|train_type", "full"),
            is_given("quant_bits"),
        ),
        "You cannot perform fine-tuning on purely quantized models.",
        "write tuner_type: lora, or take quant_method and quant_bits out",
        "transformers 5.24.0 trainer_utils.py:133 (validate_quantization_for_training)",
    ),
    *(
        Refusal(
            (
                is_given("new_special_tokens"),
                equals("tuner_type|train_type", "lora", default="lora"),
                targets,
                is_absent("modules_to_save"),
                unless("target_regex"),
                unless("adapters"),
            ),
            "the rows of tokens that the tokenizer lacks are new, and stay as they begin",
            names,
            "docs/source_en/Instruction/Frequently-asked-questions.md; swift/model/register.py:357 "
            "(_add_new_special_tokens)",
            effect="spoils",
        )
        for targets, names in (
            (
                is_absent("target_modules"),
                "write modules_to_save: [embed_tokens, lm_head], or the names that the model has",
            ),
            (
                lacks("target_modules", "all-embedding", "embed_tokens", "lm_head", "wte"),
                "write modules_to_save: [embed_tokens, lm_head], or the names that the model has "
                "(Megatron-SWIFT: word_embeddings output_layer)",
            ),
        )
    ),
    Refusal(
        (
            equals("quant_method", "bnb"),
            equals("quant_bits", 4),
            equals("deepspeed", "zero3", "zero3_offload"),
            is_absent("bnb_4bit_quant_storage"),
            _LORA,
        ),
        "all params must have the same dtype",
        "write bnb_4bit_quant_storage: bfloat16 (the type of the training), or deepspeed: zero2",
        "DeepSpeed runtime/zero/partition_parameters.py (_all_gather_dtype); PEFT's guide "
        "accelerate/deepspeed, QLoRA and ZeRO-3",
        note="seen in modelscope/ms-swift issue 5422",
    ),
    Refusal(
        (is_given("adapter"), is_absent("adapters")),
        "ambiguous option: --adapter could match --adapters, --adapter_act, --adapter_length",
        "write adapters",
        "swift/arguments/base_args/base_args.py:122, tuner_args.py:171",
    ),
)
