"""OneTrainer's JSON: presets, and the whole configuration that it saves.

Its LoRA layers are its own. `layer_filter` chooses linear layers and convolutions of diffusers'
models by parts of their names, or by expressions that are searched for in them.
"""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import get_text, iterate_top_mappings
from .core.make_setting import make_setting
from .core.module_selection import Filter, Selection
from .core.switches import is_on
from .core.tool import InitFile, Summary, Tool

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.diffusion_draft import DiffusionDraft, DiffusionRequest
    from .core.setting import Setting

_SLIPS = {
    **dict.fromkeys(("sd15", "sd_15", "sd1.5", "stable_diffusion_1.5"), "STABLE_DIFFUSION_15"),
    **dict.fromkeys(("sd3", "sd_3", "stable_diffusion_3.0"), "STABLE_DIFFUSION_3"),
    **dict.fromkeys(("sd35", "sd3.5", "sd_35", "stable_diffusion_3.5"), "STABLE_DIFFUSION_35"),
    **dict.fromkeys(
        ("sdxl", "sd_xl", "stable_diffusion_xl", "stable_diffusion_xl_base", "sdxl_10_base"),
        "STABLE_DIFFUSION_XL_10_BASE",
    ),
    **dict.fromkeys(("flux", "flux1", "flux_1", "flux_dev", "flux1_dev"), "FLUX_DEV_1"),
    **dict.fromkeys(("flux_fill", "flux_fill_dev"), "FLUX_FILL_DEV_1"),
    **dict.fromkeys(("flux2", "flux_2_dev"), "FLUX_2"),
    **dict.fromkeys(("hidream", "hi_dream", "hidream_full"), "HI_DREAM_FULL"),
    **dict.fromkeys(("hunyuan", "hunyuanvideo"), "HUNYUAN_VIDEO"),
    "chroma": "CHROMA_1",
    **dict.fromkeys(("qwen_image", "qwenimage"), "QWEN"),
    **dict.fromkeys(("zimage", "z-image"), "Z_IMAGE"),
}
"""Words that no release has had for `model_type` (modules/util/enum/ModelType.py) -> the type."""

TOOL = Tool(
    name="onetrainer",
    title="OneTrainer",
    source="OneTrainer main of August 2026 (commit 23df383), modules/util/config/TrainConfig.py "
    "(default_values), modules/module/LoRAModule.py (LoRAModuleWrapper), "
    "modules/util/ModuleFilter.py",
    keys=(
        Key("training_method", type="str", help="LORA; others train something else."),
        Key(
            "model_type",
            type="str",
            help="FLUX_DEV_1, STABLE_DIFFUSION_XL_10_BASE, ...",
            slips=_SLIPS,
        ),
        Key("peft_type", type="str", help="LORA; LOHA, LOKR and OFT_2 are other methods."),
        Key("lora_rank", "r", 16),
        Key("lora_alpha", "lora_alpha", 1.0, help="Divided by lora_rank. Default 1."),
        Key("lora_decompose", "use_dora", help="DoRA."),
        Key("dropout_probability", "lora_dropout", help="Share of neurons dropped."),
        Key("layer_filter", type="str", help="Parts of the names of layers, with commas."),
        Key("layer_filter_regex", type="bool", help="The parts are expressions."),
        Key("layer_filter_preset", type="str", help="The name of the list in the interface."),
        Key("lora_model_name", type="str", help="An adapter to start from."),
    ),
    unknown="drops",
    prefix="lora_",
    near=frozenset(
        {
            *("lora_decompose_norm_epsilon", "lora_decompose_output_axis", "lora_weight_dtype"),
            *("lora_layers", "lora_layer_preset", "lora_layers_regex", "loras"),
        }
    ),
    own_lora="OneTrainer has LoRA layers of its own; only the values were checked",
    skips_null=True,
    words=("training_method",),
    signatures=("training_method=LORA model_type|lora_rank|base_model_name",),
    writes=InitFile("onetrainer.json", diffusion=True),
    summary=Summary(
        files="JSON",
        known_by="`training_method: LORA`",
        does="r 16, alpha 1; `layer_filter` are parts of diffusers' names, all of which must fit",
    ),
)

_MODELS = {
    **dict.fromkeys(
        ("STABLE_DIFFUSION_15", "STABLE_DIFFUSION_15_INPAINTING"),
        ("stable-diffusion-v1-5/stable-diffusion-v1-5", "unet"),
    ),
    **dict.fromkeys(
        ("STABLE_DIFFUSION_20", "STABLE_DIFFUSION_20_BASE", "STABLE_DIFFUSION_21"),
        ("stabilityai/stable-diffusion-2-1", "unet"),
    ),
    "STABLE_DIFFUSION_21_BASE": ("stabilityai/stable-diffusion-2-1-base", "unet"),
    **dict.fromkeys(
        ("STABLE_DIFFUSION_XL_10_BASE", "STABLE_DIFFUSION_XL_10_BASE_INPAINTING"),
        ("stabilityai/stable-diffusion-xl-base-1.0", "unet"),
    ),
    "STABLE_DIFFUSION_3": ("stabilityai/stable-diffusion-3-medium-diffusers", "transformer"),
    "PIXART_ALPHA": ("PixArt-alpha/PixArt-XL-2-1024-MS", "transformer"),
    "PIXART_SIGMA": ("PixArt-alpha/PixArt-Sigma-XL-2-1024-MS", "transformer"),
    "FLUX_DEV_1": ("black-forest-labs/FLUX.1-dev", "transformer"),
    "FLUX_FILL_DEV_1": ("black-forest-labs/FLUX.1-Fill-dev", "transformer"),
    "HUNYUAN_VIDEO": ("hunyuanvideo-community/HunyuanVideo", "transformer"),
    "CHROMA_1": ("lodestones/Chroma1-Base", "transformer"),
    "QWEN": ("Qwen/Qwen-Image", "transformer"),
    "HI_DREAM_FULL": ("HiDream-ai/HiDream-I1-Full", "transformer"),
    "Z_IMAGE": ("Tongyi-MAI/Z-Image", "transformer"),
    "KREA_2": ("krea/Krea-2-Raw", "transformer"),
}
"""Model type -> a checkpoint whose layers have the names that all of that type have, and its part:
`base_model_name` may be a single file. Types with several sizes (STABLE_DIFFUSION_35, SANA, FLUX_2)
are held against the checkpoint that the file names.
"""
_SIZES = {
    "STABLE_DIFFUSION_35": "transformer",
    "SANA": "transformer",
    "FLUX_2": "transformer",
}


def read(document: Document) -> list[Setting]:
    """One Setting for each document that trains LoRA."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if top.get("training_method") == "LORA" and top.get("peft_type", "LORA") == "LORA"
    ]


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    setting = make_setting(TOOL, document, path, top)
    kind = str(top.get("model_type"))
    name = get_text(top, "base_model_name")
    if kind in _MODELS:
        setting.model, setting.part = _MODELS[kind]
        setting.model_place = (*path, "model_type")
        if name is not None:
            setting.behaviour.checkpoint = (name, (*path, "base_model_name"))
    elif kind in _SIZES and name is not None:
        setting.model, setting.part = name, _SIZES[kind]
        setting.model_place = (*path, "base_model_name")
    if setting.model is not None:
        setting.behaviour.selection = _select(path, top)
    return setting


def _select(path: Path, top: Table) -> Selection | None:
    """The filters of `layer_filter`, parted at its commas; an empty part fits every layer."""
    text = top.get("layer_filter", top.get("lora_layers", ""))
    if not isinstance(text, str):
        return None
    key = "layer_filter" if "layer_filter" in top else "lora_layers"
    regular = is_on(top, "layer_filter_regex") or is_on(top, "lora_layers_regex")
    parts = [part.strip() for part in text.split(",")]
    return Selection(
        key,
        tuple(
            Filter(part, part if regular and part else re.escape(part), (*path, key))
            for part in parts
            if all(parts)
        ),
        expressions=regular,
        nothing="no layer gets LoRA",
        each='the run stops there ("no modules were matched by the custom filter(s)")',
    )


_TYPES = {
    "sd1": "STABLE_DIFFUSION_15",
    "sdxl": "STABLE_DIFFUSION_XL_10_BASE",
    "sd3": "STABLE_DIFFUSION_3",
    "sd3.5": "STABLE_DIFFUSION_35",
    "flux": "FLUX_DEV_1",
    "hunyuan-video": "HUNYUAN_VIDEO",
    "chroma": "CHROMA_1",
    "qwen-image": "QWEN",
    "hidream": "HI_DREAM_FULL",
    "z-image": "Z_IMAGE",
    "z-image-turbo": "Z_IMAGE",
    "krea2": "KREA_2",
    "sana": "SANA",
    "flux2": "FLUX_2",
    "flux2-klein": "FLUX_2",
}
"""Family -> `model_type` (modules/util/enum/ModelType.py)."""


_DE_TURBO = (
    "https://huggingface.co/ostris/Z-Image-De-Turbo/blob/main/z_image_de_turbo_v1_bf16.safetensors"
)


def write(request: DiffusionRequest) -> DiffusionDraft | None:
    """A draft of a preset; None for a family that OneTrainer does not train."""
    from .core.diffusion_draft import DiffusionDraft

    kind = _TYPES.get(request.family)
    if kind is None or (kind == "HI_DREAM_FULL" and not request.model.endswith("-Full")):
        return None
    values: dict[str, Any] = {
        "training_method": "LORA",
        "model_type": kind,
        "base_model_name": request.model,
        "peft_type": "LORA",
        "lora_rank": request.rank,
        "lora_alpha": float(request.rank),
        "layer_filter": "attention" if kind == "Z_IMAGE" else "attn",
        "layer_filter_preset": "custom",
    }
    if request.family == "z-image-turbo":
        # As in training_presets/Z-Image: the model whose few steps are undone.
        values["transformer"] = {"train": True, "model_name": _DE_TURBO}
    return DiffusionDraft(values, {})
