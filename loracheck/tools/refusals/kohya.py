"""What sd-scripts (commit 48d368f) and kohya_ss (commit 45088f0) refuse or read over."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    equals,
    is_absent,
    is_turned_off,
    is_turned_on,
    unless,
)

_SKIPS = "networks/lora.py:1187 (prepare_optimizer_params: `NO LR skipping!`)"
_EMPTY = "optimizer got an empty parameter list"

_SCRIPTS = unless("LoRA_type")
"""A file of sd-scripts itself: kohya_ss makes nothing of a rate of 0."""

REFUSALS = (
    Refusal(
        (
            equals("train_blocks", "single", "double"),
            equals("LoRA_type", "Flux1"),
            is_turned_off("split_mode"),
        ),
        "kohya_ss hands it on with split_mode alone, so all blocks are trained",
        "write `none` into train_double_block_indices for single blocks alone, or into "
        "train_single_block_indices for double ones",
        "kohya_gui/lora_gui.py:1857 (train_model: kohya_lora_var_list)",
        effect="drops",
    ),
    Refusal(
        (is_turned_on("network_train_unet_only"), is_turned_on("network_train_text_encoder_only")),
        _EMPTY,
        "take one of the two out: each turns off what the other leaves",
        "train_network.py:705 (train_unet), :221 (is_train_text_encoder)",
    ),
    Refusal(
        (
            is_turned_on("cache_text_encoder_outputs"),
            equals("network_module", "networks.lora"),
            is_turned_off("network_train_unet_only"),
        ),
        "network for Text Encoder cannot be trained with caching Text Encoder outputs",
        "write network_train_unet_only = true, or leave the cache off",
        "sdxl_train_network.py:39 (assert_extra_args)",
    ),
    Refusal(
        (equals("learning_rate", 0), is_absent("unet_lr"), is_absent("text_encoder_lr"), _SCRIPTS),
        _EMPTY,
        "give a learning rate above 0",
        _SKIPS,
    ),
    Refusal(
        (equals("unet_lr", 0), is_turned_on("network_train_unet_only"), _SCRIPTS),
        _EMPTY,
        "give unet_lr a rate above 0, or take network_train_unet_only out",
        _SKIPS,
    ),
    Refusal(
        (
            equals("unet_lr", 0),
            equals("text_encoder_lr", 0, [0], [0, 0]),
            unless("network_train_unet_only"),
            _SCRIPTS,
        ),
        _EMPTY,
        "give one of them a rate above 0",
        _SKIPS,
    ),
    Refusal(
        (
            equals("text_encoder_lr", 0, [0], [0, 0]),
            is_turned_on("network_train_text_encoder_only"),
            _SCRIPTS,
        ),
        _EMPTY,
        "give text_encoder_lr a rate above 0, or take network_train_text_encoder_only out",
        _SKIPS,
    ),
)
