"""What sd-scripts (commit 48d368f) does with a base model that is none of its script or network."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    equals,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
    started_by,
    unless,
)

_PIPELINES = (
    r"^(?:black-forest-labs/FLUX\.1-(?:dev|schnell|Krea-dev)"
    r"|stabilityai/stable-diffusion-3(?:\.5)?-(?:medium|large|large-turbo)(?:-diffusers)?"
    r"|lodestones/Chroma1-(?:Base|HD|Flash)|Alpha-VLLM/Lumina-Image-2\.0)$"
)
"""Hub ids that people give; scripts for these models read a file."""

_FILE = r"[\w.-]*\.(?:safetensors|ckpt)$"
_SD1_FILE = rf"(?i)(?:^|[/\\])(?:v1-5-pruned|sd-v1-[45]){_FILE}"
_SDXL_FILE = (
    r"(?i)(?:^|[/\\])(?:sd_?xl_(?:base|refiner|turbo)|ponydiffusionv6xl|animagine-xl"
    rf"|illustrious-?xl|noobai-?xl){_FILE}"
)
_SD1 = rf"(?i)stable-diffusion-v1-[45]/?$|(?:^|[/\\])(?:v1-5-pruned|sd-v1-[45]){_FILE}"
"""Names under which checkpoints are published; LC719 knows the models of hub ids."""
_OTHER_MODEL = "Error(s) in loading state_dict for UNet2DConditionModel: size mismatch"
_NAMED = "As the checkpoint's name says; a file of another model under it would load"
_MODELS = "library/model_util.py (load_models_from_stable_diffusion_checkpoint, create_unet_...)"

CHECKPOINTS = (
    Refusal(
        (
            matches("pretrained_model_name_or_path", _SDXL_FILE),
            is_given("network_module"),
            started_by("train_network"),
        ),
        _OTHER_MODEL,
        "start sdxl_train_network.py",
        _MODELS,
        note=_NAMED,
    ),
    Refusal(
        (
            matches("pretrained_model_name_or_path", _SD1_FILE),
            is_given("network_module"),
            started_by("sdxl_train_network"),
        ),
        "the checkpoint has no second text encoder",
        "start train_network.py",
        "library/sdxl_model_util.py (load_models_from_sdxl_checkpoint)",
        note=_NAMED,
    ),
    Refusal(
        (
            matches("pretrained_model_name_or_path", _SD1),
            is_turned_on("v2"),
            is_given("network_module"),
        ),
        _OTHER_MODEL,
        "take v2 and v_parameterization out",
        _MODELS,
        note=_NAMED,
    ),
    Refusal(
        (
            matches("pretrained_model_name_or_path", r"(?i)stable-diffusion-2(?:-1)?(?:-base)?$"),
            is_turned_off("v2"),
            started_by("train_network"),
            is_given("network_module"),
            unless("config_file"),
        ),
        _OTHER_MODEL,
        "add v2, and v_parameterization for a checkpoint of 768 pixels",
        _MODELS,
        note=_NAMED,
    ),
    Refusal(
        (
            equals("network_module", "networks.lora"),
            is_given("t5xxl"),
            is_given("ae"),
            started_by(""),
        ),
        "create LoRA for U-Net: 0 modules",
        "write networks.lora_flux: networks.lora looks into U-Nets alone, and FLUX.1 has none",
        "networks/lora.py:858 (UNET_TARGET_REPLACE_MODULE)",
        effect="spoils",
        note="t5xxl and ae are options of flux_train_network.py",
    ),
    Refusal(
        (
            matches("pretrained_model_name_or_path", _PIPELINES),
            equals(
                "network_module",
                *("networks.lora_flux", "networks.lora_sd3", "networks.lora_lumina"),
            ),
        ),
        "No such file or directory",
        "name the model's single file (flux1-dev.safetensors, sd3.5_large.safetensors): these "
        "scripts fetch nothing",
        "library/flux_utils.py:46 (analyze_checkpoint_state), library/sd3_utils.py (load_mmdit), "
        "library/lumina_util.py (load_lumina_model)",
        note="A folder of that name beside the script would be read",
    ),
)
