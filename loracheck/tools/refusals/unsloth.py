"""What Unsloth 2026.10.9 refuses (unsloth/models). `loader` is the call of from_pretrained, `lora`
that of get_peft_model.
"""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    equals,
    has,
    is_given,
    is_turned_on,
    lacks,
    matches,
    started_by,
    unless,
)

_PLAIN = (unless("loader.quantization_config"), unless("loader.full_finetuning"))
_FAST = is_turned_on("loader.fast_inference")
_WITHOUT_VLLM = "on GPUs that vLLM does not run on Unsloth turns fast_inference off"

REFUSALS = (
    Refusal(
        (
            is_turned_on("loader.load_in_8bit"),
            is_turned_on("loader.load_in_4bit", default=True),
            *_PLAIN,
        ),
        "Unsloth: Can only load in 4bit or 8bit or 16bit, not a combination!",
        "for 8 bits write load_in_4bit=False beside load_in_8bit=True: 4 bits are the default",
        "unsloth/models/loader.py:2351 (_precision_flags_conflict)",
    ),
    Refusal(
        (
            equals(
                "lora.init_lora_weights",
                *("loftq", "pissa", "corda", "lora_ga", "mica", "orthogonal"),
            ),
            is_turned_on("loader.load_in_4bit", default=True),
            *_PLAIN,
        ),
        "needs float32/float16/bfloat16 base weights, yet your model is quantized.",
        "load the model with load_in_4bit=False: 4 bits are the default",
        "unsloth/models/_utils.py:7684 (validate_init_lora_weights)",
    ),
    Refusal(
        (is_given("lora.modules_to_save"), differs("lora.modules_to_save", []), _FAST),
        "Unsloth: Currently fast inference does not work with training",
        "take modules_to_save out, or write fast_inference=False",
        "unsloth/models/llama.py:4982, _utils.py:11647 (_raise_if_fast_inference_modules_to_save)",
        note=_WITHOUT_VLLM,
    ),
    Refusal(
        (has("lora.target_modules", "embed_tokens"), _FAST),
        "Unsloth: Currently fast inference does not work with training embeddings or lm_head.",
        "take embed_tokens out of target_modules, or write fast_inference=False",
        "unsloth/models/llama.py:4982 (get_peft_model)",
        note=_WITHOUT_VLLM,
    ),
    Refusal(
        (
            has("lora.target_modules", "lm_head"),
            lacks("lora.target_modules", "embed_tokens"),
            _FAST,
        ),
        "beside vLLM the head stays a LoRA target that is not trained",
        "take lm_head out of target_modules, or write fast_inference=False",
        "unsloth/models/_utils.py:11519 (_vllm_unmovable_embedding_modules)",
        effect="drops",
        note="older releases refuse it; " + _WITHOUT_VLLM,
    ),
    Refusal(
        (is_turned_on("loader.full_finetuning"), _FAST),
        "Unsloth: `fast_inference=True` cannot be used together with `full_finetuning=True`.",
        "take full_finetuning out to train LoRA, or write fast_inference=False",
        "unsloth/models/vision.py:4330 (FastBaseModel.from_pretrained)",
        note=_WITHOUT_VLLM,
    ),
    Refusal(
        (equals("lora.bias", "all", "lora_only"), _FAST),
        "Unsloth: Currently fast inference does not work with using biases for LoRA.",
        'write bias="none", or fast_inference=False',
        "unsloth/models/llama.py:4987 (get_peft_model)",
        note=_WITHOUT_VLLM,
    ),
    Refusal(
        (
            equals("lora.finetune_vision_layers", False),
            equals("lora.finetune_language_layers", False),
            unless("lora.finetune_audio_layers"),
        ),
        "Unsloth: No layers to finetune - please select to finetune the vision, language and/or "
        "audio layers!",
        "set finetune_language_layers=True",
        "unsloth_zoo/peft_utils.py:165 (get_peft_regex)",
    ),
    Refusal(
        (
            equals("lora.finetune_attention_modules", False),
            equals("lora.finetune_mlp_modules", False),
        ),
        "Unsloth: No modules to finetune - please select to finetune the attention and/or the mlp "
        "modules!",
        "set finetune_attention_modules=True",
        "unsloth_zoo/peft_utils.py:169 (get_peft_regex)",
    ),
    Refusal(
        (is_given("lora.alora_invocation_tokens"),),
        "Unsloth: Activated LoRA (`alora_invocation_tokens`) is not supported yet.",
        "take it out, or train with transformers and PEFT alone",
        "unsloth/models/_utils.py:7629 (reject_alora)",
    ),
    Refusal(
        (
            equals(
                "lora.init_lora_weights",
                *("loftq", "pissa", "olora", "corda", "lora_ga", "mica", "orthogonal"),
            ),
            is_given("lora.target_parameters"),
            differs("lora.target_parameters", []),
        ),
        "cannot initialize fused MoE expert parameters",
        "take init_lora_weights out, or target_parameters",
        "unsloth/models/_utils.py:7609 (validate_init_target_parameters)",
    ),
    Refusal(
        (is_given("loader.qat_scheme"), unless("loader.full_finetuning")),
        "If you wish to use QAT with LoRA, please pass in `qat_scheme` in "
        "`FastLanguageModel.get_peft_model(...)` instead.",
        "give qat_scheme to get_peft_model",
        "unsloth/models/loader.py:2358 (FastModel.from_pretrained)",
    ),
    Refusal(
        (
            is_turned_on("loader.load_in_16bit"),
            is_turned_on("loader.load_in_4bit", default=True),
            unless("loader.load_in_8bit"),
            *_PLAIN,
        ),
        "Unsloth: Can only load in 4bit or 8bit or 16bit, not a combination!",
        "write load_in_4bit=False beside load_in_16bit=True: 4 bits are the default",
        "unsloth/models/loader.py:2349 (_precision_flags_conflict)",
    ),
    Refusal(
        (_FAST, is_turned_on("loader.load_in_8bit")),
        "fast_inference = True does not support bitsandbytes 8-bit",
        "write load_in_4bit=True, or fast_inference=False",
        "unsloth/models/loader_utils.py:3945 (refuse_fast_inference_load_in_8bit)",
        note=_WITHOUT_VLLM,
    ),
    Refusal(
        (is_turned_on("lora.finetune_vision_layers"), _FAST),
        "Unsloth: Finetuning vision layers is not supported for fast_inference. Only text layers "
        "are supported!",
        "write finetune_vision_layers=False, or fast_inference=False",
        "unsloth/models/vision.py:5162 (FastBaseModel.get_peft_model)",
        note=_WITHOUT_VLLM,
    ),
    Refusal(
        (
            _FAST,
            is_turned_on("lora.finetune_vision_layers", default=True),
            started_by("FastVisionModel", "FastModel"),
        ),
        "Unsloth: Finetuning vision layers is not supported for fast_inference. Only text layers "
        "are supported!",
        "write finetune_vision_layers=False: they are trained by default; or fast_inference=False",
        "unsloth/models/vision.py:5162 (FastBaseModel.get_peft_model)",
        note=_WITHOUT_VLLM,
    ),
    Refusal(
        (matches("loader.model_name", r"(?i)Llama-3\.2-(?:11B|90B)-Vision"), _FAST),
        "Unsloth: LoRA finetuning for Llama 3.2 aka mllama models is not supported with "
        "fast_inference!",
        "write fast_inference=False",
        "unsloth/models/vision.py:5167 (FastBaseModel.get_peft_model)",
        note=_WITHOUT_VLLM,
    ),
)
