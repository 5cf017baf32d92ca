"""What musubi-tuner (commit 30c658c) refuses (src/musubi_tuner)."""

from __future__ import annotations

from loracheck.tools.core.argument_lists import build_refusals
from loracheck.tools.core.refusal import (
    PROGRAM,
    Condition,
    Refusal,
    entry_matches,
    is_absent,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
    unless,
)

from .kohya_schedulers import build_schedulers
from .musubi_tuner_models import MODELS

_WHOLE = (
    matches(PROGRAM, r"train_network")._replace(aside=True),
    unless("config_file"),
)
"""A command that names no configuration file: what is not there is not given."""

_ATTENTION = ("sdpa", "flash_attn", "flash3", "xformers", "sage_attn")


def _misses(*options: str) -> tuple[Condition, ...]:
    return (is_given("network_module"), *map(is_absent, options), *_WHOLE)


REFUSALS = (
    *MODELS,
    *build_schedulers("training/trainer_base.py:308 (get_lr_scheduler)"),
    *build_refusals(
        ("optimizer_args", "lr_scheduler_args"),
        "training/trainer_base.py:173 (get_optimizer), :305 (get_lr_scheduler)",
    ),
    Refusal(
        (
            entry_matches("network_args", r"^loraplus_lr_ratio=(?!1(?:\.0*)?$)"),
            matches("optimizer_type", r"(?i)^(?:prodigyopt\.)?prodigy$|^dadapt"),
        ),
        "Setting different lr values in different parameter groups is only supported for values "
        "of 0",
        "take loraplus_lr_ratio out, or another optimiser",
        "prodigyopt 1.1.2 prodigyopt/prodigy.py:152 (step)",
    ),
    Refusal(
        (is_turned_on("fp8_scaled"), is_turned_off("fp8_base"), is_given("network_module")),
        "fp8_scaled requires fp8_base",
        "add fp8_base",
        "training/trainer_base.py:1398 (_validate_args_and_init)",
    ),
    Refusal(
        (is_turned_on("sage_attn"), is_given("network_module")),
        "SageAttention doesn't support training currently.",
        "take sdpa, flash_attn or xformers in its place",
        "training/trainer_base.py:1400 (_validate_args_and_init)",
    ),
    Refusal(
        _misses(*_ATTENTION),
        "either --sdpa, --flash-attn, --flash3, --sage-attn or --xformers must be specified",
        "add --sdpa",
        "training/trainer_base.py:1512 (_load_transformer)",
    ),
    Refusal(
        _misses("dataset_config"),
        "dataset_config is required",
        "name the file of the data sets with --dataset_config",
        "training/trainer_base.py:1395 (_validate_args_and_init)",
    ),
    Refusal(
        _misses("dit"),
        "path to DiT model is required",
        "name the checkpoint with --dit",
        "training/trainer_base.py:1397 (_validate_args_and_init)",
    ),
    Refusal(
        _misses("output_name"),
        "unsupported operand type(s) for +: 'NoneType' and 'str'",
        "name the file to write with --output_name: the run stops at its last save",
        "training/trainer_base.py:2174, utils/train_utils.py:92 (get_last_ckpt_name); "
        "kohya-ss/musubi-tuner pull request 1070",
    ),
)
