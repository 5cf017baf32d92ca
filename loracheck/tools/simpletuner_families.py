"""SimpleTuner's model families as data: the class that each trains, its checkpoints by flavour, and
the modules that get LoRA where the config names none.

Source: SimpleTuner 4.10.1 (commit bc8e6ab), simpletuner/helpers/models/*/model.py
(HUGGINGFACE_PATHS, DEFAULT_MODEL_FLAVOUR, DEFAULT_LORA_TARGET, get_lora_target_layers).
"""

from __future__ import annotations

from types import MappingProxyType

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Family(NamedTuple):
    """One `model_family`."""

    cls: str
    """Class of the model that is trained; its names are diffusers'."""

    flavours: Mapping[str, str]
    """`model_flavour` -> hub id, the default one first."""

    targets: tuple[str, ...] = ("to_k", "to_q", "to_v", "to_out.0")

    part: str = "transformer"

    exclude: str | None = None
    """Expression for names that are left out in any case."""

    kinds: tuple[str | None, ...] = ()
    """What addition_embed_type may be in the config.json of its U-Net; any where there are none."""

    more: tuple[str, ...] = ()
    """Further words for `model_flavour`, of checkpoints that are not held against a tree."""


_FUSED = ("to_k", "to_q", "to_v", "to_out.0", "to_qkv")
_ADDED = ("add_q_proj", "add_k_proj", "add_v_proj", "to_add_out")
_UNET = "UNet2DConditionModel"

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "flux": Family(
            "FluxTransformer2DModel",
            {
                "krea": "black-forest-labs/FLUX.1-Krea-dev",
                "dev": "black-forest-labs/FLUX.1-dev",
                "schnell": "black-forest-labs/FLUX.1-schnell",
                "kontext": "black-forest-labs/FLUX.1-Kontext-dev",
            },
            _FUSED,
            more=("fluxbooru", "libreflux"),
        ),
        "flux2": Family(
            "Flux2Transformer2DModel",
            {
                "klein-9b": "black-forest-labs/FLUX.2-klein-base-9B",
                "klein-4b": "black-forest-labs/FLUX.2-klein-base-4B",
                "dev": "black-forest-labs/FLUX.2-dev",
            },
            ("attn.to_q", "attn.to_k", "attn.to_v", "attn.to_out.0", "attn.to_qkv_mlp_proj"),
        ),
        "chroma": Family(
            "ChromaTransformer2DModel",
            {
                "base": "lodestones/Chroma1-Base",
                "hd": "lodestones/Chroma1-HD",
                "flash": "lodestones/Chroma1-Flash",
            },
            _FUSED,
        ),
        "auraflow": Family(
            "AuraFlowTransformer2DModel",
            {
                "v0.3": "terminusresearch/auraflow-v0.3",
                "v0.2": "fal/AuraFlow-v0.2",
                "v0.1": "fal/AuraFlow",
                "pony": "purplesmartai/pony-v7-base",
            },
            (*_FUSED[:4], *_ADDED, "to_qkv"),
        ),
        "sd3": Family(
            "SD3Transformer2DModel",
            {
                "medium": "stabilityai/stable-diffusion-3.5-medium",
                "large": "stabilityai/stable-diffusion-3.5-large",
            },
        ),
        "sdxl": Family(
            _UNET,
            {
                "base-1.0": "stabilityai/stable-diffusion-xl-base-1.0",
                "refiner-1.0": "stabilityai/stable-diffusion-xl-refiner-1.0",
                "base-0.9": "stabilityai/stable-diffusion-xl-base-0.9",
            },
            part="unet",
            kinds=("text_time",),
            more=("refiner-0.9",),
        ),
        "sd1x": Family(
            _UNET,
            {
                "dreamshaper": "Lykon/dreamshaper-8",
                "1.5": "stable-diffusion-v1-5/stable-diffusion-v1-5",
                "1.4": "CompVis/stable-diffusion-v1-4",
            },
            part="unet",
            kinds=(None,),
            more=("realvis",),
        ),
        "sd2x": Family(
            _UNET,
            {
                "pseudoflex-v2": "bghira/pseudo-flex-v2",
                "2.1": "stabilityai/stable-diffusion-2-1",
                "2.0": "stabilityai/stable-diffusion-2-0",
            },
            part="unet",
            kinds=(None,),
            more=("digitaldiffusion", "pseudojourney"),
        ),
        "kolors": Family(_UNET, {"1.0": "terminusresearch/kwai-kolors-1.0"}, part="unet"),
        "wan": Family(
            "WanTransformer3DModel",
            {
                "t2v-480p-1.3b-2.1": "Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
                "t2v-480p-14b-2.1": "Wan-AI/Wan2.1-T2V-14B-Diffusers",
                "i2v-14b-2.1": "Wan-AI/Wan2.1-I2V-14B-480P-Diffusers",
                "i2v-14b-2.1-720p": "Wan-AI/Wan2.1-I2V-14B-720P-Diffusers",
                "i2v-14b-2.2-high": "Wan-AI/Wan2.2-I2V-A14B-Diffusers",
                "i2v-14b-2.2-low": "Wan-AI/Wan2.2-I2V-A14B-Diffusers",
                "flf2v-14b-2.1": "Wan-AI/Wan2.1-FLF2V-14B-720P-diffusers",
                "ti2v-5b-2.2": "Wan-AI/Wan2.2-TI2V-5B-Diffusers",
            },
            more=("animegen-t2v-high", "animegen-t2v-low", "vace-1.3b-2.1", "vace-14b-2.1"),
        ),
        "hunyuanvideo": Family(
            "HunyuanVideo15Transformer3DModel",
            {
                "t2v-480p": "hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-480p_t2v",
                "t2v-720p": "hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-720p_t2v",
            },
            ("to_q", "to_k", "to_v", "to_out.0", *_ADDED),
            more=(
                *("t2v-480p-distilled", "i2v-480p", "i2v-720p"),
                *("i2v-480p-distilled", "i2v-720p-distilled"),
            ),
        ),
        "ltxvideo": Family(
            "LTXVideoTransformer3DModel",
            {"0.9.5": "Lightricks/LTX-Video-0.9.5", "0.9.0": "Lightricks/LTX-Video"},
        ),
        "ltxvideo2": Family(
            "LTX2VideoTransformer3DModel",
            {"dev": "Lightricks/LTX-2", "2.3-dev": "dg845/LTX-2.3-Diffusers"},
            exclude=".*connector.*|.*embedding.*",
            more=("dev-fp4", "dev-fp8", "2.3-distilled", "2.5-dev", "2.5-distilled"),
        ),
        "qwen_image": Family(
            "QwenImageTransformer2DModel",
            {
                "v2.0": "Qwen/Qwen-Image-2512",
                "v1.0": "Qwen/Qwen-Image",
                "edit-v1": "Qwen/Qwen-Image-Edit",
                "edit-v2": "Qwen/Qwen-Image-Edit-2509",
                "edit-v2+": "Qwen/Qwen-Image-Edit-2509",
                "edit-v3": "Qwen/Qwen-Image-Edit-2511",
            },
            more=("v2.1",),
        ),
        "lumina2": Family(
            "Lumina2Transformer2DModel",
            {
                "2.0": "Alpha-VLLM/Lumina-Image-2.0",
                "neta-lumina": "terminusresearch/neta-lumina-v1",
            },
            _FUSED,
        ),
        "hidream": Family(
            "HiDreamImageTransformer2DModel",
            {
                "full": "HiDream-ai/HiDream-I1-Full",
                "dev": "HiDream-ai/HiDream-I1-Dev",
                "fast": "HiDream-ai/HiDream-I1-Fast",
            },
        ),
        "pixart_sigma": Family(
            "PixArtTransformer2DModel",
            {
                "900M-1024-v0.6": "terminusresearch/pixart-900m-1024-ft-v0.6",
                "600M-512": "PixArt-alpha/PixArt-Sigma-XL-2-512-MS",
                "600M-1024": "PixArt-alpha/PixArt-Sigma-XL-2-1024-MS",
            },
            more=("900M-1024-v0.7-stage1", "900M-1024-v0.7-stage2", "600M-2048"),
        ),
        "sana": Family(
            "SanaTransformer2DModel",
            {
                "sana1.5-4.8b-1024": "Efficient-Large-Model/SANA1.5_4.8B_1024px_diffusers",
                "sana1.5-1.6b-1024": "Efficient-Large-Model/SANA1.5_1.6B_1024px_diffusers",
                "sana1.0-1.6b-1024": "Efficient-Large-Model/Sana_1600M_1024px_BF16_diffusers",
                "sana1.0-600m-1024": "Efficient-Large-Model/Sana_600M_1024px_diffusers",
                "sana1.0-600m-512": "Efficient-Large-Model/Sana_600M_512px_diffusers",
            },
            more=("sana1.0-1.6b-2048",),
        ),
        "cosmos2image": Family(
            "CosmosTransformer3DModel",
            {
                "2b": "nvidia/Cosmos-Predict2-2B-Text2Image",
                "14b": "nvidia/Cosmos-Predict2-14B-Text2Image",
            },
        ),
        "z_image": Family(
            "ZImageTransformer2DModel",
            {
                "turbo-ostris-v2": "Tongyi-MAI/Z-Image-Turbo",
                "turbo": "Tongyi-MAI/Z-Image-Turbo",
                "ostris-de-turbo": "Tongyi-MAI/Z-Image-Turbo",
                "base": "Tongyi-MAI/Z-Image",
            },
        ),
    }
)

_ATTENTION = (
    *("to_k", "to_q", "to_v", "to_qkv", "add_qkv_proj", "add_k_proj", "add_q_proj"),
    *("add_v_proj", "to_out.0", "to_add_out"),
)
_CONTEXT = ("add_k_proj", "add_q_proj", "add_v_proj", "add_qkv_proj", "to_add_out")
_CONTEXT_FF = ("ff_context.net.0.proj", "ff_context.net.2")
_FFS = ("ff.net.0.proj", "ff.net.2", *_CONTEXT_FF, "proj_mlp", "proj_out")

PRESETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "all": _ATTENTION,
        "context": _CONTEXT,
        "context+ffs": (*_CONTEXT, *_CONTEXT_FF),
        "all+ffs": (*_ATTENTION, *_FFS),
        "all+ffs+embedder": ("x_embedder", *_ATTENTION, *_FFS),
        "ai-toolkit": (*_ATTENTION, *_FFS, "norm.linear", "norm1.linear", "norm1_context.linear"),
        "tiny": ("single_transformer_blocks.7.proj_out", "single_transformer_blocks.20.proj_out"),
        "nano": ("single_transformer_blocks.7.proj_out",),
    }
)
"""`flux_lora_target` of the flux and chroma families; other words give the family's own targets."""

PRESET_NAMES = (
    *("mmdit", "context", "context+ffs", "all", "all+ffs", "ai-toolkit", "tiny", "nano"),
    *("controlnet", "all+ffs+embedder", "all+ffs+embedder+controlnet"),
)
"""The words that the option takes (models/field_registry/flux.py)."""

FAMILY_SLIPS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("flux1", "flux.1", "flux-1", "flux_1", "flux-dev"), "flux"),
        **dict.fromkeys(("flux.2", "flux-2", "flux_2"), "flux2"),
        **dict.fromkeys(("sd1", "sd15", "sd1.5", "sd-1.5"), "sd1x"),
        **dict.fromkeys(("sd2", "sd21", "sd2.1"), "sd2x"),
        **dict.fromkeys(("sd35", "sd3.5", "sd-3.5"), "sd3"),
        **dict.fromkeys(("sdxl1", "sd_xl", "sd-xl"), "sdxl"),
        **dict.fromkeys(("qwen", "qwenimage", "qwen-image"), "qwen_image"),
        **dict.fromkeys(("zimage", "z-image"), "z_image"),
        **dict.fromkeys(("hunyuan", "hunyuan_video", "hunyuan-video"), "hunyuanvideo"),
        **dict.fromkeys(("ltx", "ltx_video", "ltx-video"), "ltxvideo"),
        **dict.fromkeys(("ltx2", "ltx-2", "ltx_video_2"), "ltxvideo2"),
        **dict.fromkeys(("wan2.1", "wan2.2", "wan21", "wan22"), "wan"),
        **dict.fromkeys(("pixart-sigma", "pixartsigma"), "pixart_sigma"),
    }
)
"""Words that no release has taken for `model_family` -> the family."""
