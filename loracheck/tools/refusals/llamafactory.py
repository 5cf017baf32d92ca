"""What LLaMA-Factory 0.9.5 refuses (src/llamafactory)."""

from __future__ import annotations

from loracheck.tools.core.quantized_names import PACKED_NAME
from loracheck.tools.core.refusal import (
    QuantizedBase,
    Refusal,
    differs,
    equals,
    is_absent,
    is_given,
    is_turned_on,
    matches,
    unless,
)

from .llamafactory_loading import LOADING
from .llamafactory_training import TRAINING

_LORA = equals("finetuning_type", "lora", default="lora")
_OTHER = differs("finetuning_type", "lora", default="lora")
_BITS = is_given("quantization_bit")
_PARSER = "hparams/parser.py:{} (_verify_model_args)"
_ARGUMENTS = "hparams/finetuning_args.py:{} (FinetuningArguments.__post_init__)"

QUANTIZED_BASE = QuantizedBase(
    "src/llamafactory/model/model_utils/quantization.py:90 (configure_quantization)",
    kept_methods=("gptq", "awq", "aqlm", "eetq", "hqq", "compressed-tensors"),
    widened_methods=("fp8", "mxfp4"),
)

_ADAPTER = (is_given("export_dir"), is_given("adapter_name_or_path"), unless("do_train"))

_EXPORT = (
    Refusal(
        (matches("model_name_or_path", rf"{PACKED_NAME}|(?i:-bnb-[48]bit/?$)"), *_ADAPTER),
        "Cannot merge adapters to a quantized model.",
        "name the checkpoint in 16 bits that the quantised one was made of, or load the adapter "
        "beside the model without merging",
        "train/tuner.py:191 (export_model)",
    ),
    Refusal(
        (is_given("quantization_bit"), *_ADAPTER),
        "Cannot merge adapters to a quantized model.",
        "take quantization_bit out: a merge is done in 16 bits",
        "train/tuner.py:191 (export_model)",
    ),
    Refusal(
        (is_given("export_quantization_bit"), *_ADAPTER),
        "Please merge adapters before quantizing the model.",
        "merge first, without export_quantization_bit; then export the merged model with it and "
        "without adapter_name_or_path",
        "train/tuner.py:182 (export_model)",
    ),
)

REFUSALS = (
    Refusal(
        (_BITS, equals("finetuning_type", "full", "freeze")),
        "Quantization is only compatible with the LoRA or OFT method.",
        "write finetuning_type: lora, or take quantization_bit out",
        _PARSER.format(190),
    ),
    Refusal(
        (is_turned_on("pissa_init"), _BITS, _LORA),
        "Please use scripts/pissa_init.py to initialize PiSSA for a quantized model.",
        "run scripts/pissa_init.py first and train on what it saves, or take one of the two out",
        _PARSER.format(193),
    ),
    Refusal(
        (is_turned_on("resize_vocab"), _BITS),
        "Cannot resize embedding layers of a quantized model.",
        "take quantization_bit out, or resize and save the model first",
        _PARSER.format(196),
    ),
    Refusal(
        (is_turned_on("create_new_adapter"), _BITS, is_turned_on("adapter_name_or_path")),
        "Cannot create new adapter upon a quantized model.",
        "merge the adapter first, or go on with it (create_new_adapter: false)",
        _PARSER.format(199),
    ),
    Refusal(
        (is_given("adapter_name_or_path"), equals("finetuning_type", "full", "freeze", "oft")),
        "Adapter is only valid for the LoRA method.",
        "write finetuning_type: lora, or merge the adapter and name the merged model; what was "
        "trained in full is a model itself: name it as model_name_or_path",
        _PARSER.format(186),
    ),
    Refusal(
        (is_turned_on("use_galore|use_apollo|use_badam"), _LORA),
        "Cannot use LoRA with GaLore, APOLLO or BAdam together.",
        "take the optimizer out, or write finetuning_type: full",
        _ARGUMENTS.format(596),
    ),
    Refusal(
        (is_turned_on("pissa_init"), equals("stage", "kto", "ppo")),
        "Cannot use PiSSA for current training stage.",
        "take pissa_init out",
        _ARGUMENTS.format(602),
    ),
    Refusal(
        (
            is_turned_on("pissa_init"),
            equals("stage", "dpo"),
            differs("pref_loss", "orpo", "simpo", default="sigmoid"),
        ),
        "Cannot use PiSSA for current training stage.",
        "take pissa_init out, or use a loss without a reference model (orpo, simpo)",
        _ARGUMENTS.format(602),
    ),
    Refusal(
        (is_given("loraplus_lr_ratio"), _OTHER),
        "`loraplus_lr_ratio` is only valid for LoRA training.",
        "take it out, or write finetuning_type: lora",
        _ARGUMENTS.format(606),
    ),
    Refusal(
        (is_turned_on("use_rslora"), _OTHER),
        "`use_rslora` is only valid for LoRA training.",
        "take it out, or write finetuning_type: lora",
        _ARGUMENTS.format(609),
    ),
    Refusal(
        (is_turned_on("use_dora"), _OTHER),
        "`use_dora` is only valid for LoRA training.",
        "take it out, or write finetuning_type: lora",
        _ARGUMENTS.format(612),
    ),
    Refusal(
        (is_turned_on("pissa_init"), _OTHER),
        "`pissa_init` is only valid for LoRA training.",
        "take it out, or write finetuning_type: lora",
        _ARGUMENTS.format(615),
    ),
    Refusal(
        (is_turned_on("use_llama_pro"), equals("finetuning_type", "full")),
        "`use_llama_pro` is only valid for Freeze or LoRA training.",
        "take it out, or write finetuning_type: lora",
        _ARGUMENTS.format(593),
    ),
    Refusal(
        (
            equals("reward_model_type", "lora", default="lora"),
            equals("stage", "ppo"),
            is_given("reward_model"),
            _OTHER,
        ),
        "`reward_model_type` cannot be lora for Freeze/Full PPO training.",
        "write reward_model_type: full, or finetuning_type: lora",
        _ARGUMENTS.format(584),
    ),
    Refusal(
        (
            is_turned_on("use_unsloth"),
            equals("stage", "ppo"),
            is_given("reward_model"),
            equals("reward_model_type", "lora", default="lora"),
        ),
        "Unsloth does not support lora reward model.",
        "take use_unsloth out, or write reward_model_type: full",
        "hparams/parser.py:343 (get_train_args)",
    ),
    Refusal(
        (
            is_given("reward_model_adapters"),
            is_given("reward_model"),
            equals("stage", "ppo"),
            equals("reward_model_type", "lora", default="lora"),
        ),
        "reward_model itself is loaded as the adapter: without an adapter_config.json in it the "
        "run stops",
        "write the adapter's folder as reward_model, or reward_model_type: full",
        "train/trainer_utils.py:151 (create_reward_model)",
        effect="drops",
    ),
    Refusal(
        (is_turned_on("fp8"), _BITS),
        "FP8 training is not compatible with quantization. Please disable one of them.",
        "take one of the two out",
        "hparams/parser.py:404 (get_train_args)",
    ),
    Refusal(
        (equals("quantization_device_map", "auto"), is_turned_on("do_train"), _BITS),
        "Cannot use device map for quantized models in training.",
        "take quantization_device_map out",
        "hparams/parser.py:375 (get_train_args)",
    ),
    Refusal(
        (
            differs("quantization_bit", 4, 8, default=4),
            equals("quantization_method", "bnb", "BNB", default="bnb"),
            unless("export_quantization_bit"),
        ),
        "Bitsandbytes only accepts 4-bit or 8-bit quantization.",
        "write quantization_bit: 4 or 8, or another quantization_method (hqq takes 1 to 8)",
        "model/model_utils/quantization.py:181 (configure_quantization)",
        note="a checkpoint that is quantised already passes the key over with a warning",
    ),
    Refusal(
        (equals("quantization_method", "eetq"), differs("quantization_bit", 8, default=8)),
        "EETQ only accepts 8-bit quantization.",
        "write quantization_bit: 8",
        "model/model_utils/quantization.py:209 (configure_quantization)",
    ),
    Refusal(
        (is_turned_on("pissa_init"), is_turned_on("use_unsloth|use_kt"), _LORA),
        "the adapter begins as plain LoRA does",
        "take use_unsloth (use_kt) out, or pissa_init",
        "model/adapter.py:240 (_setup_lora_tuning)",
        effect="drops",
    ),
    Refusal(
        (is_turned_on("use_unsloth"), equals("finetuning_type", "oft")),
        "Unsloth is currently not supported for OFT.",
        "write finetuning_type: lora, or take use_unsloth out",
        "model/adapter.py:250 (_setup_lora_tuning)",
    ),
    Refusal(
        (is_turned_on("use_kt"), equals("finetuning_type", "oft")),
        "KTransformers only supports LoRA finetuning.",
        "write finetuning_type: lora, or take use_kt out",
        "model/adapter.py:244 (_setup_lora_tuning)",
    ),
    Refusal(
        (
            is_turned_on("use_kt"),
            equals("stage", "ppo"),
            is_given("reward_model"),
            equals("reward_model_type", "lora", default="lora"),
        ),
        "KTransformers does not support lora reward model.",
        "take use_kt out, or write reward_model_type: full",
        "hparams/parser.py:340 (get_train_args)",
    ),
    Refusal(
        (equals("quantization_method", "hqq"), equals("quantization_bit", 7)),
        "HQQ only accepts 1/2/3/4/5/6/8-bit quantization.",
        "write quantization_bit: 8, or fewer",
        "model/model_utils/quantization.py:197 (configure_quantization)",
    ),
    Refusal(
        (is_turned_on("shift_attn"), equals("stage", "ppo"), is_given("reward_model"), _LORA),
        "PPO training is incompatible with S^2-Attn.",
        "take shift_attn out",
        "hparams/parser.py:337 (get_train_args)",
    ),
    Refusal(
        (
            is_given("quantization_type|double_quantization|quantization_method"),
            is_absent("quantization_bit"),
            is_turned_on("do_train"),
            _LORA,
        ),
        "the model is loaded as it is, not quantised",
        "write quantization_bit: 4 beside it, or take it out",
        "model/model_utils/quantization.py:179 (configure_quantization)",
        effect="drops",
        note="a checkpoint that is stored quantised stays as it is",
    ),
    Refusal(
        (equals("stage", "ppo"), is_absent("reward_model"), is_turned_on("do_train")),
        "`reward_model` is necessary for PPO training.",
        "write reward_model: the folder of the reward model's adapter",
        _ARGUMENTS.format(581),
    ),
    Refusal(
        (matches("adapter_name_or_path", r","), _BITS, unless("create_new_adapter")),
        "Quantized model only accepts a single adapter. Merge them first.",
        "merge the adapters first, and name the merged model",
        _PARSER.format(202),
    ),
    Refusal(
        (
            equals("reward_model_type", "oft"),
            equals("stage", "ppo"),
            is_given("reward_model"),
            differs("finetuning_type", "oft", default="lora"),
        ),
        "`reward_model_type` cannot be oft for Freeze/Full PPO training.",
        "write reward_model_type: lora, or full",
        _ARGUMENTS.format(587),
    ),
    *_EXPORT,
    *LOADING,
    *TRAINING,
)
