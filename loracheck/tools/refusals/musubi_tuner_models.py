"""What musubi-tuner's scripts (commit 30c658c, src/musubi_tuner) refuse of a model's own keys."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    exceeds,
    is_absent,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
    started_by,
    unless,
)

_NAMED = "As the checkpoint's name says; a file of another model under it would load"
_CAST = "As the checkpoint's name says; a file in other bits under it would load"
_FILE = r"(?i)wan[^/\\]*[._-]{bits}[^/\\]*\.(?:safetensors|pth)$"

_TASKS = (
    (r"(?i)wan_?2[._]?2[_-]i2v", ("i2v-A14B",)),
    (r"(?i)wan_?2[._]?2[_-]t2v", ("t2v-A14B", "t2v-14B", "t2i-14B")),
    (r"(?i)wan_?2[._]?1[_-]i2v", ("i2v-14B",)),
    (r"(?i)wan_?2[._]?1[_-]t2v[_-]14b", ("t2v-14B", "t2i-14B", "t2v-A14B")),
    (r"(?i)wan_?2[._]?1[_-]t2v[_-]1[._]3b", ("t2v-1.3B",)),
)
"""Name of a published checkpoint's file -> tasks whose model it fits (wan/configs/)."""

_WAN = (
    *(
        Refusal(
            (matches("dit", pattern), is_given("task"), differs("task", *tasks)),
            "Error(s) in loading state_dict for WanModel",
            f"write --task {tasks[0]}",
            "wan/configs/__init__.py (WAN_CONFIGS), wan/modules/model.py (load_wan_model)",
            note=_NAMED,
        )
        for pattern, tasks in _TASKS
    ),
    *(
        Refusal(
            (
                matches("dit", _FILE.format(bits=bits)),
                matches("mixed_precision", rf"^{other}$"),
                started_by("wan_train_network"),
            ),
            f"DiT weights are in {bits}, mixed precision must be {bits} or no",
            f"write --mixed_precision {bits} behind the script's name, or take the checkpoint in "
            f"{other}",
            "wan_train_network.py:62 (handle_model_specific_args)",
            note=_CAST,
        )
        for bits, other in (("fp16", "bf16"), ("bf16", "fp16"))
    ),
    Refusal(
        (
            matches("dit", _FILE.format(bits="fp8")),
            is_turned_on("fp8_scaled"),
            started_by("wan_train_network"),
        ),
        "DiT weights is already in fp8 format, cannot scale to fp8.",
        "take fp8_scaled out, or the checkpoint in fp16 or bf16",
        "wan_train_network.py:67 (handle_model_specific_args)",
        note=_CAST,
    ),
    Refusal(
        (
            is_given("dit_high_noise"),
            is_given("task"),
            differs("task", "t2v-A14B", "i2v-A14B"),
            is_absent("timestep_boundary"),
            unless("config_file"),
        ),
        "timestep_boundary is not specified for high noise model",
        "write --task t2v-A14B or i2v-A14B, the models with two experts",
        "wan_train_network.py:95 (handle_model_specific_args)",
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
)

MODELS = (
    *_WAN,
    Refusal(
        (
            is_turned_on("fp8_base"),
            is_turned_off("fp8_scaled"),
            started_by("krea2_train_network", "hidream_o1_train_network"),
        ),
        "fp8_base works only together with fp8_scaled",
        "add fp8_scaled",
        "krea2_train_network.py:75, hidream_o1_train_network.py:99",
    ),
    Refusal(
        (
            is_given("turbo_dit"),
            exceeds("blocks_to_swap", 0),
            started_by("krea2_train_network"),
        ),
        "--turbo_dit is not supported together with --blocks_to_swap",
        "keep one of the two",
        "krea2_train_network.py:88 (handle_model_specific_args)",
    ),
    Refusal(
        (
            is_turned_on("turbo_dit_cache"),
            is_absent("turbo_dit"),
            started_by("krea2_train_network"),
            unless("config_file"),
        ),
        "--turbo_dit_cache requires --turbo_dit.",
        "name the Turbo checkpoint with --turbo_dit, or take turbo_dit_cache out",
        "krea2_train_network.py:80 (handle_model_specific_args)",
    ),
    Refusal(
        (
            is_given("weighting_scheme"),
            differs("weighting_scheme", "none"),
            started_by("ideogram4_train_network", "hidream_o1_train_network"),
        ),
        "supports --weighting_scheme none only.",
        "take weighting_scheme out",
        "ideogram4_train_network.py:65, hidream_o1_train_network.py:96",
    ),
    Refusal(
        (exceeds("blocks_to_swap", 33), started_by("ideogram4_train_network")),
        "--blocks_to_swap for Ideogram 4 must be <= 33",
        "write 33 or less",
        "ideogram4_train_network.py:59 (handle_model_specific_args)",
    ),
    Refusal(
        (
            is_turned_on("remove_first_image_from_target"),
            differs("model_version", "layered", default="original"),
            started_by("qwen_image_train_network"),
            unless("config_file"),
        ),
        "--remove_first_image_from_target can only be used with layered model.",
        "write --model_version layered, or take it out",
        "qwen_image_train_network.py:77 (handle_model_specific_args)",
    ),
)
