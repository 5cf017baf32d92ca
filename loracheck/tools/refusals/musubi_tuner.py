"""What musubi-tuner (commit 30c658c) refuses (src/musubi_tuner)."""

from __future__ import annotations

from loracheck.tools.core.argument_lists import build_refusals
from loracheck.tools.core.refusal import (
    PROGRAM,
    Condition,
    Refusal,
    differs,
    entry_matches,
    exceeds,
    is_absent,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
    started_by,
    unless,
)

_WHOLE = (
    matches(PROGRAM, r"train_network")._replace(aside=True),
    unless("config_file"),
)
"""A command that names no configuration file: what is not there is not given."""

_ATTENTION = ("sdpa", "flash_attn", "flash3", "xformers", "sage_attn")
_SCALED_ONLY = ("krea2_train_network", "hidream_o1_train_network")


def _misses(*options: str) -> tuple[Condition, ...]:
    return (is_given("network_module"), *map(is_absent, options), *_WHOLE)


_TASKS = (
    (r"(?i)wan_?2[._]?2[_-]i2v", ("i2v-A14B",)),
    (r"(?i)wan_?2[._]?2[_-]t2v", ("t2v-A14B", "t2v-14B", "t2i-14B")),
    (r"(?i)wan_?2[._]?1[_-]i2v", ("i2v-14B",)),
    (r"(?i)wan_?2[._]?1[_-]t2v[_-]14b", ("t2v-14B", "t2i-14B", "t2v-A14B")),
    (r"(?i)wan_?2[._]?1[_-]t2v[_-]1[._]3b", ("t2v-1.3B",)),
)
"""Name of a published checkpoint's file -> tasks whose model it fits (wan/configs/)."""

REFUSALS = (
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
    *(
        Refusal(
            (matches("dit", pattern), is_given("task"), differs("task", *tasks)),
            "Error(s) in loading state_dict for WanModel",
            f"write --task {tasks[0]}",
            "wan/configs/__init__.py (WAN_CONFIGS), wan/modules/model.py (load_wan_model)",
            note="As the checkpoint's name says; a file of another model under it would load",
        )
        for pattern, tasks in _TASKS
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
        _misses("output_name"),
        "unsupported operand type(s) for +: 'NoneType' and 'str'",
        "name the file to write with --output_name: the run stops at its last save",
        "training/trainer_base.py:2174, utils/train_utils.py:92 (get_last_ckpt_name); "
        "kohya-ss/musubi-tuner pull request 1070",
    ),
    Refusal(
        (
            is_turned_on("offload_inactive_dit"),
            exceeds("blocks_to_swap", 0),
            is_given("dit_high_noise"),
        ),
        "Block swap is not supported with offloading inactive DiT",
        "keep one of the two",
        "wan_train_network.py:82 (handle_model_specific_args)",
    ),
    Refusal(
        (is_turned_on("fp8_base"), is_turned_off("fp8_scaled"), started_by(*_SCALED_ONLY)),
        "fp8_base works only together with fp8_scaled",
        "add fp8_scaled",
        "krea2_train_network.py:75, hidream_o1_train_network.py:99",
    ),
)
