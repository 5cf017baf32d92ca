"""A first config of a diffusion model in the words of a trainer, as its module's `write` drafts it.

The trainers ask for a family of models, not for a class: `find_family` names it.
"""

from __future__ import annotations

import re

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class DiffusionRequest(NamedTuple):
    """A first config that is to be written."""

    model: str
    """The base model's id or path."""

    family: str
    """As `find_family` names it."""

    rank: int

    targets: tuple[str, ...]
    """Ends of the names of modules in diffusers' layout."""


class DiffusionDraft(NamedTuple):
    """A trainer's file in the making."""

    values: Mapping[str, Any]
    """The whole file; of a command line its options, of which a list is several words, and True an
    option without any.
    """

    names: Mapping[str, str]
    """LoraConfig's field -> the key for it, dotted for inner ones; for the comments."""

    program: str = ""
    """What a command line begins with."""

    about: str = ""
    """What is to be known of the file, for the comment at its top."""


_FLUX, _FLUX2 = "FluxTransformer2DModel", "Flux2Transformer2DModel"
_QWEN, _WAN = "QwenImageTransformer2DModel", "WanTransformer3DModel"
_HUNYUAN, _HUNYUAN15 = "HunyuanVideoTransformer3DModel", "HunyuanVideo15Transformer3DModel"
_FAMILIES: tuple[tuple[str, str, str], ...] = (
    (_FLUX, r"kontext", "flux-kontext"),
    (_FLUX, r"fill|canny|depth|control|inpaint", ""),
    (_FLUX, r"", "flux"),
    (_FLUX2, r"flux\.2-klein-(?:base-)?[49]b$", "flux2-klein"),
    (_FLUX2, r"flux\.2-dev$", "flux2"),
    (_QWEN, r"edit-25\d\d", "qwen-image-edit-plus"),
    (_QWEN, r"edit", "qwen-image-edit"),
    (_QWEN, r"qwen-image(?:-25\d\d)?$", "qwen-image"),
    (_WAN, r"wan2\.1-t2v-1\.3b", "wan2.1-t2v-1.3b"),
    (_WAN, r"wan2\.1-t2v-14b", "wan2.1-t2v-14b"),
    (_WAN, r"wan2\.1-i2v-14b", "wan2.1-i2v-14b"),
    (_WAN, r"wan2\.2-t2v-a14b", "wan2.2-t2v-a14b"),
    (_WAN, r"wan2\.2-i2v-a14b", "wan2.2-i2v-a14b"),
    ("SD3Transformer2DModel", r"3\.5", "sd3.5"),
    ("SD3Transformer2DModel", r"diffusion-3-", "sd3"),
    ("ZImageTransformer2DModel", r"turbo", "z-image-turbo"),
    ("ZImageTransformer2DModel", r"z-image$", "z-image"),
    (_HUNYUAN, r"hunyuanvideo$", "hunyuan-video"),
    (_HUNYUAN15, r"[_-]t2v", "hunyuan-video-1.5-t2v"),
    (_HUNYUAN15, r"[_-]i2v", "hunyuan-video-1.5-i2v"),
    ("LTXVideoTransformer3DModel", r"", "ltx-video"),
    ("Lumina2Transformer2DModel", r"", "lumina2"),
    ("ChromaTransformer2DModel", r"", "chroma"),
    ("HiDreamImageTransformer2DModel", r"-i1-", "hidream"),
    ("CogView4Transformer2DModel", r"", "cogview4"),
    ("CogVideoXTransformer3DModel", r"i2v", "cogvideox-i2v"),
    ("CogVideoXTransformer3DModel", r"", "cogvideox"),
    ("SanaTransformer2DModel", r"^(?!.*sprint)", "sana"),
    ("Krea2Transformer2DModel", r"raw$", "krea2"),
)
"""Class, an expression that is searched for in the last part of the model's name, and the family,
empty for one that the trainers do not train as the others of its class. The first that fits counts.
"""

_UNETS = {768: "sd1", 1024: "sd2", 2048: "sdxl", 4096: "kolors"}
"""Width of the text that a U-Net takes in -> its family (the cross_attention_dim of the public
checkpoints' unet/config.json; of Kolors encoder_hid_dim)."""


def find_family(cls: str | None, model: str, text_width: int | None) -> str | None:
    """The family of a model; None where neither class nor name tells it. `text_width` is the number
    of input features of a U-Net's `attn2.to_k`.
    """
    if cls == "UNet2DConditionModel":
        return _UNETS.get(text_width or 0)
    name = (
        model.rstrip("/").rpartition("/")[2].removesuffix("-Diffusers").removesuffix("-diffusers")
    )
    fit = (
        family
        for one, pattern, family in _FAMILIES
        if one == cls and re.search(pattern, name, re.IGNORECASE)
    )
    return next(fit, None) or None
