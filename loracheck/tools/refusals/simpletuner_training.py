"""Keys of the training as a whole that SimpleTuner 4.10.1 does not take together."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Condition,
    Refusal,
    equals,
    exceeds,
    is_absent,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
    unless,
)

_ARGUMENTS = "simpletuner/helpers/configuration/cmd_args.py"
_SAFETY = "simpletuner/helpers/training/default_settings/safety_check.py"

_QUANTIZED = r"^(?!no_change$|None$)."


def _key(name: str) -> str:
    """A key with and without the dashes that the files may have."""
    return f"{name}|--{name}"


def _is_lora() -> Condition:
    return equals(_key("model_type"), "lora")


TRAINING = (
    Refusal(
        (matches(_key("deepspeed_config"), r"^(?!None$)."), _is_lora()),
        "LoRA can not be trained with DeepSpeed.",
        "take deepspeed_config out; FSDP 2 (fsdp_enable) shares LoRA's base model among GPUs",
        "simpletuner/helpers/training/error_handling.py:15 (validate_deepspeed_compat_from_args)",
    ),
    Refusal(
        (
            matches(_key("base_model_precision"), _QUANTIZED),
            equals(_key("model_type"), "full"),
            unless(_key("controlnet")),
            unless(_key("i_know_what_i_am_doing")),
        ),
        "full tuning is not compatible with quantisation",
        "write model_type lora, or base_model_precision no_change",
        f"{_SAFETY}:132 (safety_check)",
    ),
    Refusal(
        (
            matches(_key("quantization_config"), r"^\s*\{|\.json$"),
            equals(_key("model_type"), "full"),
        ),
        "quantization_config is only supported for LoRA training.",
        "write model_type lora, or take quantization_config out",
        f"{_ARGUMENTS}:851 (parse_cmdline_args)",
    ),
    Refusal(
        (
            matches(_key("base_model_precision"), r"-(?:sdnq|native|transformerengine)$"),
            equals(_key("quantize_via"), "pipeline"),
        ),
        "quantize_via=pipeline cannot be combined with base_model_precision",
        "take quantize_via out, or a precision of diffusers, such as int8-quanto or nf4-bnb",
        f"{_ARGUMENTS}:854 (parse_cmdline_args)",
    ),
    Refusal(
        (
            equals(_key("mixed_precision"), "fp8"),
            matches(_key("base_model_precision"), r"^(?!no_change$|None$|fp8-torchao$)."),
        ),
        "You cannot use --mixed_precision=fp8 with a quantized base model.",
        "write mixed_precision bf16",
        f"{_ARGUMENTS}:953 (parse_cmdline_args)",
    ),
    Refusal(
        (
            exceeds(_key("max_train_steps"), 0),
            exceeds(_key("num_train_epochs"), 0)._replace(default=1),
        ),
        "When using --max_train_steps (MAX_NUM_STEPS), you must set --num_train_epochs "
        "(NUM_EPOCHS) to 0.",
        "write num_train_epochs 0 (its default is 1), or take max_train_steps out",
        f"{_ARGUMENTS}:982 (parse_cmdline_args)",
    ),
    Refusal(
        (exceeds(_key("maximum_image_size"), 0), is_turned_off(_key("target_downsample_size"))),
        "When providing --maximum_image_size, you must also provide a value for "
        "--target_downsample_size.",
        "give target_downsample_size, or take maximum_image_size out",
        f"{_ARGUMENTS}:920 (parse_cmdline_args)",
    ),
    *(
        Refusal(
            (is_given(_key(f"optimizer_beta{given}")), is_absent(_key(f"optimizer_beta{lacking}"))),
            "Both --optimizer_beta1 and --optimizer_beta2 should be provided.",
            f"give optimizer_beta{lacking} too",
            f"{_ARGUMENTS}:1079 (parse_cmdline_args)",
        )
        for given, lacking in ((1, 2), (2, 1))
    ),
    Refusal(
        (is_turned_on(_key("fsdp_enable")), matches(_key("deepspeed_config"), r"^(?!None$).")),
        "Cannot enable FSDP when a DeepSpeed configuration is also provided.",
        "keep one of the two",
        f"{_ARGUMENTS}:1229 (parse_cmdline_args)",
    ),
    Refusal(
        (
            matches(_key("base_model_precision"), r"quanto"),
            is_turned_on(_key("fsdp_enable")),
            equals(_key("fsdp_version"), 2, default=2),
        ),
        "Quanto kernels do not register DTensor sharding strategies",
        "write another base_model_precision, such as int8-torchao, or leave FSDP out",
        f"{_ARGUMENTS}:1284 (parse_cmdline_args)",
    ),
    Refusal(
        (is_turned_on(_key("ramtorch")), is_turned_on(_key("enable_group_offload"))),
        "--ramtorch cannot be used together with --enable_group_offload.",
        "keep one of the two",
        f"{_ARGUMENTS}:1350 (parse_cmdline_args)",
    ),
    Refusal(
        (
            matches(_key("attention_mechanism"), r"^sage"),
            matches(_key("base_model_precision"), r"nf4"),
        ),
        "nf4 is not supported with SageAttention",
        "take int8 or fp8, or another attention_mechanism",
        f"{_SAFETY}:164 (safety_check)",
    ),
)
