"""What sd-scripts (commit 48d368f) and kohya_ss (commit 45088f0) refuse or ignore."""

from __future__ import annotations

from loracheck.tools.core.argument_lists import build_refusals
from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    entry_matches,
    equals,
    exceeds,
    has,
    is_absent,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
    started_by,
    unless,
)

from .kohya_checkpoints import CHECKPOINTS
from .kohya_optimizers import OPTIMIZERS

_SKIPS = "networks/lora.py:1187 (prepare_optimizer_params: `NO LR skipping!`)"
_EMPTY = "optimizer got an empty parameter list"

_SCRIPTS = unless("LoRA_type")
"""A file of sd-scripts itself: kohya_ss makes nothing of a rate of 0."""

_UNCACHED = "caption_dropout_rate, shuffle_caption, token_warmup_step or caption_tag_dropout_rate"
_CACHING = (
    *("networks.lora_flux", "networks.lora_sd3", "networks.lora", "networks.lora_hunyuan_image"),
    "networks.lora_anima",
)
_FLOW = (
    *("networks.lora_flux", "networks.lora_sd3", "networks.lora_lumina", "networks.lora_anima"),
    "networks.lora_hunyuan_image",
)
"""Network modules whose scripts train models of flow matching."""

_ADAPTIVE = r"(?i)^(?:prodigy|dadapt\w*)$"

FULL = (
    *("train_db", "sdxl_train", "sd3_train", "flux_train", "lumina_train", "anima_train"),
    *("train_textual_inversion", "sdxl_train_textual_inversion"),
)
"""Scripts of sd-scripts that train the whole model, or an embedding, and take no network."""

REFUSALS = (
    *build_refusals(
        ("optimizer_args", "lr_scheduler_args"),
        "library/train_util.py:4858 (get_optimizer), :5288 (get_scheduler_fix)",
    ),
    Refusal(
        (
            matches("optimizer_args", r"(?:^|\s)\w+=[-+.\deE]*\d[-+.\deE]*,(?:\s|$)"),
            is_given("LoRA_type"),
        ),
        "'>' not supported between instances of 'tuple' and 'int'",
        "take the commas between the arguments out: blanks part them, and `0.01,` is a tuple",
        "kohya_gui/lora_gui.py (train_model: optimizer_args), library/train_util.py:4861 "
        "(get_optimizer)",
    ),
    Refusal(
        (
            matches("optimizer_args", r"(?:^|\s)\w+=(?:true|false|none|null)(?:,|\s|$)"),
            is_given("LoRA_type"),
        ),
        "malformed node or string",
        "write True, False or None",
        "kohya_gui/lora_gui.py (train_model: optimizer_args), library/train_util.py:4861 "
        "(get_optimizer)",
    ),
    Refusal(
        (
            entry_matches("network_args", r"^loraplus_\w*lr_ratio=(?!1(?:\.0*)?$)"),
            matches("optimizer_type", _ADAPTIVE),
        ),
        "Setting different lr values in different parameter groups is only supported for values "
        "of 0",
        "take the loraplus arguments out, or take an optimiser with a learning rate of its own, "
        "such as AdamW",
        "prodigyopt 1.1.2 prodigyopt/prodigy.py:152, dadaptation 3.2 dadaptation/dadapt_adam.py:151"
        " (step), networks/lora.py:1173 (assemble_params)",
    ),
    Refusal(
        (
            is_turned_on("fused_backward_pass"),
            is_given("network_module"),
            matches("optimizer_type", r"(?i)^(?!adafactor$)."),
        ),
        "fused_backward_pass currently only works with optimizer_type Adafactor",
        "take fused_backward_pass out: it is for training whole models, and the scripts for LoRA "
        "make nothing of it",
        "library/train_util.py:4848 (get_optimizer)",
    ),
    Refusal(
        (
            is_turned_on("fused_backward_pass"),
            is_given("network_module"),
            matches("optimizer_type", r"(?i)^adafactor$"),
        ),
        "the scripts for LoRA make nothing of it",
        "take fused_backward_pass out",
        "sdxl_train.py:523; train_network.py has no use of it",
        effect="drops",
    ),
    Refusal(
        (is_given("network_module|network_dim|network_alpha|network_args"), started_by(*FULL)),
        "unrecognized arguments",
        "start the script for LoRA of the same model, as train_network.py or flux_train_network.py",
        "train_network.py:1782 alone has the options of a network",
    ),
    *CHECKPOINTS,
    *OPTIMIZERS,
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
        (
            equals("train_blocks", "double"),
            equals("LoRA_type", "Flux1"),
            is_turned_on("split_mode"),
        ),
        "with split_mode kohya_ss hands `single` on",
        "write `none` into train_single_block_indices for double blocks alone",
        "kohya_gui/lora_gui.py:1881 (train_model: split_mode)",
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
            equals("network_module", "networks.lora", "networks.lora_fa", "networks.lora_anima"),
            is_turned_off("network_train_unet_only"),
        ),
        "network for Text Encoder cannot be trained with caching Text Encoder outputs",
        "write network_train_unet_only = true, or leave the cache off",
        "sdxl_train_network.py:39, anima_train_network.py:59 (assert_extra_args)",
    ),
    *(
        Refusal(
            (
                is_turned_on(f"{model}_cache_text_encoder_outputs"),
                exceeds("text_encoder_lr", 0),
                is_turned_on(box),
                is_given("LoRA_type"),
                unless("additional_parameters"),
            ),
            "network for Text Encoder cannot be trained with caching Text Encoder outputs",
            "write 0 into text_encoder_lr, which kohya_ss takes for the U-Net alone, or leave the "
            "cache off",
            "kohya_gui/lora_gui.py:911 (resolve_network_train_flags), sdxl_train_network.py:39, "
            "anima_train_network.py:59 (assert_extra_args)",
        )
        for model, box in (("sdxl", "sdxl"), ("anima", "anima_checkbox"))
    ),
    Refusal(
        (
            has("network_args", "train_t5xxl=True"),
            is_turned_on("cache_text_encoder_outputs|cache_text_encoder_outputs_to_disk"),
            equals("network_module", "networks.lora_flux", "networks.lora_sd3"),
        ),
        "T5XXL is trained, so cache_text_encoder_outputs cannot be used",
        "take train_t5xxl=True out, or leave the cache off",
        "flux_train_network.py:196, sd3_train_network.py:172 (post_process_network)",
    ),
    Refusal(
        (
            is_turned_on("dim_from_weights"),
            is_absent("network_weights"),
            unless("lora_network_weights"),
        ),
        "expected str, bytes or os.PathLike object, not NoneType",
        "name the file whose rank is meant with network_weights, or write network_dim",
        "networks/lora.py:810 (create_network_from_weights)",
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
    *(
        Refusal(
            (
                is_turned_on("cache_text_encoder_outputs|cache_text_encoder_outputs_to_disk"),
                condition,
                equals("network_module", *modules),
                unless("dataset_config"),
            ),
            f"when caching Text Encoder output, either {_UNCACHED} cannot be used",
            f"take {key} out, or leave the cache off",
            "flux_train_network.py:66, sdxl_train_network.py:35, sd3_train_network.py:49, "
            "hunyuan_image_train_network.py:348 (assert_extra_args)",
        )
        for key, condition, modules in (
            ("shuffle_caption", is_turned_on("shuffle_caption"), _CACHING),
            ("caption_tag_dropout_rate", exceeds("caption_tag_dropout_rate", 0), _CACHING),
            ("token_warmup_step", exceeds("token_warmup_step", 0), _CACHING),
            # anima_train_network.py caches with dropout.
            ("caption_dropout_rate", exceeds("caption_dropout_rate", 0), _CACHING[:4]),
        )
    ),
    *(
        Refusal(
            (condition, equals("network_module", *_FLOW)),
            "the loss of a flow matching model is not weighted by it",
            f"take {key} out",
            "flux_train_network.py:436, sd3_train_network.py:395, lumina_train_network.py:324, "
            "anima_train_network.py:376 (post_process_loss)",
            effect="drops",
        )
        for key, condition in (
            ("min_snr_gamma", exceeds("min_snr_gamma", 0)),
            ("debiased_estimation_loss", is_turned_on("debiased_estimation_loss")),
        )
    ),
    Refusal(
        (
            exceeds("blocks_to_swap", 0),
            is_turned_on("cpu_offload_checkpointing"),
            equals("network_module", *_FLOW),
        ),
        "blocks_to_swap is not supported with cpu_offload_checkpointing",
        "keep one of the two",
        "flux_train_network.py:77, sd3_train_network.py:60, anima_train_network.py:63 "
        "(assert_extra_args)",
    ),
    *(
        Refusal(
            (is_turned_on("unsloth_offload_checkpointing"), other, is_given("network_module")),
            message,
            "keep one of the two",
            "anima_train_network.py:71 (assert_extra_args)",
        )
        for other, message in (
            (
                is_turned_on("cpu_offload_checkpointing"),
                "Cannot use both --unsloth_offload_checkpointing and --cpu_offload_checkpointing",
            ),
            (
                exceeds("blocks_to_swap", 0),
                "blocks_to_swap is not supported with unsloth_offload_checkpointing",
            ),
        )
    ),
    Refusal(
        (equals("model_type", "chroma"), is_turned_off("apply_t5_attn_mask"), _SCRIPTS),
        "apply_t5_attn_mask must be True for Chroma",
        "write apply_t5_attn_mask = true",
        "flux_train_network.py:54 (assert_extra_args)",
    ),
    *(
        Refusal(
            (
                is_turned_on(f"full_{precision}"),
                is_given("mixed_precision"),
                differs("mixed_precision", precision),
                is_given("network_module"),
            ),
            f"full_{precision} requires mixed precision='{precision}'",
            f"write mixed_precision = {precision}",
            "train_network.py:815 (train)",
        )
        for precision in ("fp16", "bf16")
    ),
    Refusal(
        (
            is_turned_on("fp8_base|fp8_base_unet"),
            equals("mixed_precision", "no"),
            is_given("network_module"),
        ),
        "fp8_base requires mixed precision='fp16' or 'bf16'",
        "write mixed_precision = bf16",
        "train_network.py:831 (train)",
    ),
    Refusal(
        (
            is_turned_on("cache_latents"),
            is_turned_on("color_aug|random_crop"),
            is_given("network_module"),
            unless("dataset_config"),
        ),
        "when caching latents, either color_aug or random_crop cannot be used",
        "take color_aug and random_crop out, or leave the cache off",
        "train_network.py:582 (train)",
    ),
)
