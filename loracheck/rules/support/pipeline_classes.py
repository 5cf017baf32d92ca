"""What the pipeline classes of diffusers call their arguments for LoRA, by the class or by the
checkpoint that a pipeline is made of (diffusers 0.42.1, `pipelines/`: `__call__` of every class
with a LoRA loader).
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .script_adapters import get_text

if TYPE_CHECKING:
    from loracheck.documents.python.uses import Use

CROSS = "cross_attention_kwargs"
JOINT = "joint_attention_kwargs"
PLAIN = "attention_kwargs"
SCALES = frozenset({CROSS, JOINT, PLAIN})
"""Arguments of a pipeline's call with the `scale` of its LoRAs."""

_CLASSES = (
    (
        compile_when_used(
            r"(?:Flux(?!2)|Chroma|StableDiffusion3|ZImage|BriaFibo|VisualCloze)\w*Pipeline"
        ),
        JOINT,
    ),
    (
        compile_when_used(
            r"(?:AnyFlow|AuraFlow|ChronoEdit|CogVideoX|CogView4|ConsisID|Flux2|Helios|HiDreamImage"
            r"|Hunyuan(?:Video|Skyreels)|Ideogram4|Krea2|LTX|LucyEdit|Lumina2|Mochi|QwenImage|Sana"
            r"|SkyReelsV2|Wan)\w*Pipeline"
        ),
        PLAIN,
    ),
    (
        compile_when_used(
            r"(?:StableDiffusion(?!3|LatentUpscale)|StableUnCLIP|AnimateDiff|LatentConsistency"
            r"|Kolors)\w*Pipeline"
        ),
        CROSS,
    ),
)
_CHECKPOINTS = (
    (compile_when_used(r"black-forest-labs/FLUX\.1-\S+|stabilityai/stable-diffusion-3\S*"), JOINT),
    (compile_when_used(r"Qwen/Qwen-Image\S*|Wan-AI/Wan2\S+-Diffusers|Lightricks/LTX\S*"), PLAIN),
    (
        compile_when_used(
            r"stabilityai/(?:stable-diffusion-(?:2|xl)\S*|sdxl-turbo|sd-turbo)"
            r"|(?:runwayml|stable-diffusion-v1-5)/stable-diffusion-v1-5"
        ),
        CROSS,
    ),
)
"""For DiffusionPipeline and the classes with `AutoPipeline` in their names."""


def find_scale_argument(made: Use) -> str | None:
    """The argument that takes the scale of the LoRAs in a call of the pipeline that a call makes;
    None where that is not known.
    """
    cls = made.name.rpartition(".")[0].rpartition(".")[2]
    if cls.startswith(("DiffusionPipeline", "AutoPipeline")):
        checkpoint = get_text(made, 0, "pretrained_model_name_or_path") or ""
        return next((one for names, one in _CHECKPOINTS if names.fullmatch(checkpoint)), None)
    return next((one for names, one in _CLASSES if names.fullmatch(cls)), None)


def find_other_denoiser(made: Use) -> str | None:
    """The part that the pipeline surely does not have, `unet` or `transformer`; None where that is
    not known.
    """
    scale = find_scale_argument(made)
    return None if scale is None else "transformer" if scale == CROSS else "unet"
