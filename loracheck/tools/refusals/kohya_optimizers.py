"""What sd-scripts' trainer, and musubi-tuner's made of it, refuse of optimizers, rates and
precision.
"""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    at_most,
    differs,
    equals,
    exceeds,
    is_absent,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
    unless,
)
from loracheck.type_checking import TYPE_CHECKING

from .kohya_schedulers import SURFACE, build_schedulers

if TYPE_CHECKING:
    from loracheck.documents.values import Value

_ADAPTIVE = matches("optimizer_type|optimizer", r"(?i)^(?:prodigy|dadapt\w*)$")
"""Optimizers that estimate the rate by themselves; `optimizer` is kohya_ss' key. What stands under
another name, as prodigyplus.ProdigyPlusScheduleFree, is another library's.
"""

_ONES: tuple[Value, ...] = (1, [1], [1, 1])
_ZEROS: tuple[Value, ...] = (0, [0], [0, 0])

_GROUPS = (
    "Setting different lr values in different parameter groups is only supported for values of 0"
)
_STEP = (
    "prodigyopt 1.1.2 prodigyopt/prodigy.py:152, dadaptation 3.2 dadaptation/dadapt_adam.py:151 "
    "(step), networks/lora.py:1187 (prepare_optimizer_params)"
)
_LOW = "library/train_util.py:4990 (get_optimizer)"

_TRAINED_BOTH = (
    unless("network_train_unet_only"),
    unless("network_train_text_encoder_only"),
    is_given("network_module|LoRA_type"),
)


def _build_rates() -> tuple[Refusal, ...]:
    """Two rates for an optimizer that takes one, which nearly always is 1."""
    help_text = "write the same rate for both, 1 as usual: the optimiser finds the rate by itself"
    one_is_one = (
        (equals("unet_lr", 1), differs("text_encoder_lr", *_ONES, *_ZEROS)),
        (equals("text_encoder_lr", *_ONES), differs("unet_lr", 0, 1), is_given("unet_lr")),
        (
            equals("learning_rate", 1),
            differs("text_encoder_lr", *_ONES, *_ZEROS),
            is_absent("unet_lr"),
            unless("config_file"),
        ),
    )
    return tuple(
        Refusal(
            (*rates, _ADAPTIVE, is_given("text_encoder_lr"), *_TRAINED_BOTH),
            _GROUPS,
            help_text,
            _STEP,
        )
        for rates in one_is_one
    )


def _build_low_rates() -> tuple[Refusal, ...]:
    """A usual rate for an optimizer whose rate is 1."""
    low = (
        (at_most("unet_lr", 0.1), exceeds("unet_lr", 0)),
        (
            at_most("learning_rate", 0.1),
            exceeds("learning_rate", 0),
            is_absent("unet_lr"),
            is_absent("text_encoder_lr"),
            unless("config_file"),
        ),
    )
    return tuple(
        Refusal(
            (*rates, _ADAPTIVE, is_given("network_module|LoRA_type")),
            "learning rate is too low. If using D-Adaptation or Prodigy, set learning rate around "
            "1.0",
            "write 1: the optimiser finds the rate by itself, and this number multiplies it",
            _LOW,
            effect="spoils",
        )
        for rates in low
    )


_EIGHT_BITS = tuple(
    Refusal(
        (is_turned_on(flag), is_given("optimizer_type"), is_given("network_module")),
        f"both option {flag} and optimizer_type are specified",
        f"take {flag} out: optimizer_type = {name} is the same",
        "library/train_util.py:4829 (get_optimizer)",
    )
    for flag, name in (("use_8bit_adam", "AdamW8bit"), ("use_lion_optimizer", "Lion"))
)

_LOSSES = (
    Refusal(
        (
            is_given("adaptive_noise_scale"),
            is_absent("noise_offset"),
            is_given("network_module"),
            unless("config_file"),
        ),
        "adaptive_noise_scale requires noise_offset",
        "give noise_offset too, or take adaptive_noise_scale out",
        "library/train_util.py:4443 (verify_training_args)",
    ),
    Refusal(
        (
            is_turned_on("scale_v_pred_loss_like_noise_pred"),
            is_turned_off("v_parameterization"),
            is_given("network_module"),
            unless("config_file"),
        ),
        "scale_v_pred_loss_like_noise_pred can be enabled only with v_parameterization",
        "add v_parameterization for a checkpoint that predicts velocity, else take it out",
        "library/train_util.py:4446 (verify_training_args)",
    ),
    Refusal(
        (
            is_turned_on("v_pred_like_loss"),
            is_turned_on("v_parameterization"),
            is_given("network_module"),
        ),
        "v_pred_like_loss cannot be enabled with v_parameterization",
        "keep one of the two",
        "library/train_util.py:4451 (verify_training_args)",
    ),
)

_PRECISION = (
    Refusal(
        (equals("mixed_precision", "fp16"), equals("network_module", "networks.lora_flux")),
        "values of FLUX.1 can leave the range of fp16: the loss turns nan, or the LoRA changes "
        "nothing",
        "write mixed_precision = bf16 where the GPU has it",
        "kohya-ss/sd-scripts issues 1571 and 1707; flux_train_network.py takes either",
        effect="tells",
    ),
)

OPTIMIZERS = (
    *build_schedulers("library/train_util.py:5294 (get_scheduler_fix)"),
    *_build_rates(),
    *_build_low_rates(),
    *_EIGHT_BITS,
    *SURFACE,
    *_LOSSES,
    *_PRECISION,
)
"""Refusals of sd-scripts (commit 48d368f) and kohya_ss (commit 45088f0)."""
