"""What torchtune 0.6.1 and 0.7 refuse in a LoRA recipe (torchtune/models, recipes/)."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    equals,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
    unless,
)

_TIED = tuple(
    f"torchtune.models.{family}.{name}"
    for family, names in {
        "qwen2_5": ("0_5b", "1_5b_base", "1_5b_instruct", "3b"),
        "qwen3": (
            *("0_6b_base", "0_6b_instruct", "1_7b_base", "1_7b_instruct"),
            *("4b_base", "4b_instruct"),
        ),
    }.items()
    for name in (f"lora_{family}_{size}" for size in names)
)
"""Builders that pass tie_word_embeddings=True to lora_qwen2 or lora_qwen3."""

_LLAMA_3_2 = tuple(
    f"torchtune.models.llama3_2.{way}_llama3_2_{size}"
    for way in ("lora", "qlora")
    for size in ("1b", "3b")
)

_WITHOUT_OUTPUT = (
    *(f"torchtune.models.qwen2.lora_qwen2_{size}" for size in ("0_5b", "1_5b")),
    *(f"torchtune.models.gemma.{way}_gemma_{s}" for way in ("lora", "qlora") for s in ("2b", "7b")),
    *(
        f"torchtune.models.gemma2.{way}_gemma2_{size}"
        for way in ("lora", "qlora")
        for size in ("2b", "9b", "27b")
    ),
)
"""Builders without the parameter apply_lora_to_output: their heads are the embeddings."""

_VISION = tuple(
    f"torchtune.models.llama3_2_vision.{way}_llama3_2_vision_{size}"
    for way in ("lora", "qlora")
    for size in ("11b", "90b")
)

_QAT = matches("quantizer._component_", r"QAT")
"""A quantizer of quantisation-aware training, which its own recipe alone reads."""

_ADAPTED = matches("model._component_", r"\.(?:q?lora|dora|qdora)_")
"""A builder that puts LoRA on."""

_MERGED = (
    "name the builder without LoRA and, in checkpoint_files, the merged weights that the LoRA "
    "recipe saved beside the adapter; with save_adapter_weights_only there are none, and PEFT "
    "merges them"
)

_HELP = "set apply_lora_to_output to false: the head is the embedding's own weight"

REFUSALS = (
    Refusal(
        (is_turned_on("model.apply_lora_to_output"), equals("model._component_", *_LLAMA_3_2)),
        "apply_lora_to_output is currently not supporting in llama3.2 1b and 3b",
        _HELP,
        "models/llama3_2/_component_builders.py:261 (lora_llama3_2)",
    ),
    Refusal(
        (is_turned_on("model.apply_lora_to_output"), equals("model._component_", *_TIED)),
        "apply_lora_to_output is incompatible with tie_word_embeddings",
        _HELP,
        "models/qwen2/_component_builders.py:248 (lora_qwen2), models/qwen3 (lora_qwen3)",
    ),
    Refusal(
        (is_given("model.apply_lora_to_output"), equals("model._component_", *_WITHOUT_OUTPUT)),
        "got an unexpected keyword argument 'apply_lora_to_output'",
        "take the key out: the builder has no such argument",
        "models/gemma/_model_builders.py, models/gemma2, models/qwen2 (lora_qwen2_0_5b)",
    ),
    Refusal(
        (equals("dtype", "fp16"), is_given("model.lora_attn_modules")),
        "fp16 precision is not supported in this recipe. Please use fp32 or bf16.",
        "write dtype: bf16",
        "recipes/lora_finetune_single_device.py:132",
    ),
    Refusal(
        (
            is_turned_on("enable_activation_offloading"),
            is_turned_off("enable_activation_checkpointing"),
            is_given("model.lora_attn_modules"),
        ),
        "enable_activation_offloading should only be True when enable_activation_checkpointing is "
        "True",
        "write enable_activation_checkpointing: True",
        "recipes/lora_finetune_single_device.py:128",
    ),
    Refusal(
        (
            equals(
                "model.decoder_trainable|model.encoder_trainable|model.fusion_trainable", "full"
            ),
            equals("model._component_", *_VISION),
        ),
        "We've temporarily removed support for mixed LoRA + Full Finetuning yet.",
        "write lora or frozen",
        "models/llama3_2_vision/_model_builders.py:169 (lora_llama3_2_vision_11b)",
    ),
    Refusal(
        (is_turned_on("model.use_dora"), _QAT, is_given("model.lora_attn_modules")),
        "QAT is currently not compatible with DoRA",
        "take use_dora out, or the quantizer",
        "recipes/qat_lora_finetune_distributed.py:449 (_convert_model_to_qat)",
    ),
    Refusal(
        (is_turned_on("compile"), _QAT, is_given("model.lora_attn_modules")),
        "Compile is not yet supported for QAT. Please set compile=False.",
        "write compile: False",
        "recipes/qat_lora_finetune_distributed.py:154",
    ),
    Refusal(
        (
            equals("checkpointer.model_type", "LLAMA4"),
            is_turned_off("save_adapter_weights_only"),
            is_given("model.lora_attn_modules"),
        ),
        "For Llama4 training, you should set save_adapter_weights_only to True.",
        "write save_adapter_weights_only: True",
        "recipes/lora_finetune_distributed.py:310 (setup)",
    ),
    *(
        # What the recipe runs: text to answer, tasks to be measured on, weights to quantise.
        Refusal(
            (_ADAPTED, *recipe),
            "Missing key(s) in state_dict",
            _MERGED,
            source,
        )
        for recipe, source in (
            (
                (is_given("max_new_tokens"), is_given("prompt")),
                "recipes/generate.py:90 (_setup_model)",
            ),
            (
                (is_given("tasks"), is_given("checkpointer.checkpoint_files")),
                "recipes/eleuther_eval.py:526 (setup)",
            ),
        )
    ),
    *(
        Refusal(
            (is_given("checkpointer.adapter_checkpoint"), *recipe),
            "the recipe puts no adapter on; it reads the weights of checkpoint_files alone",
            "name the merged weights, which the LoRA recipe saved beside the adapter, in "
            "checkpoint_files, and take adapter_checkpoint out",
            source,
            effect="unread",
        )
        for recipe, source in (
            (
                (is_given("max_new_tokens"), is_given("prompt")),
                "recipes/generate.py:71 (setup)",
            ),
            (
                (is_given("tasks"), is_given("checkpointer.checkpoint_files")),
                "recipes/eleuther_eval.py:518 (setup)",
            ),
        )
    ),
    Refusal(
        (
            is_given("checkpointer.adapter_checkpoint"),
            is_turned_off("resume_from_checkpoint"),
            unless("checkpointer.should_load_recipe_state"),
            unless("checkpointer.resume_from_checkpoint"),
            unless("max_new_tokens"),
            unless("tasks"),
            is_given("model.lora_attn_modules"),
        ),
        "the run begins with a new adapter",
        "write resume_from_checkpoint: True, with the recipe_checkpoint of the same run",
        "training/checkpointing/_utils.py:494 (get_adapter_checkpoint_path)",
        effect="drops",
    ),
)
