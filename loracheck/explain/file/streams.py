"""Which part of an image or video model a layer belongs to."""

from __future__ import annotations

import re

_RULES = (
    (
        "time embedding",
        r"time_(?!caption)|timestep|guidance|add_embedding|modulation|ada(ln|LN)|_mod(\.|_|$)"
        r"|(^|\.)(norm\w*\.lin|t_embedder\.)",
    ),
    ("single blocks", r"(^|\.)single_(transformer_|stream_)?blocks?(\.|_)"),
    (
        "text stream",
        r"(^|\.|_)(context_embedder|cap_embedder|txt\w*|text_\w*|caption\w*|add_[qkv]_proj|to_add_out"
        r"|ff_context|ff_t|to_[qkv]_t|to_out_t|norm1_context|context_refiner|encoder_hid_proj)(\.|$)|(^|\.)txt_",
    ),
    ("cross-attention", r"(^|\.|_)(attn2|cross_attn|cross_attention|crossattn)(\.|_)"),
    ("convolutions", r"(^|\.)(resnets|downsamplers|upsamplers)\."),
    ("image stream", r"\.\d+(\.|$)"),
)
"""(component, expression of the layer's name), the first that matches counts: of diffusers'
transformers and UNets (0.40.0 `models/transformers/`, `models/unets/`).
"""

_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _RULES)

OTHER = "input and output layers"

ORDER = (
    "image stream",
    "text stream",
    "cross-attention",
    "single blocks",
    "convolutions",
    "time embedding",
    OTHER,
)
"""All components, in the order of reports."""


def find_layer_component(name: str) -> str:
    """The component of a layer of the denoiser by its full name, or by that of a kind of layers
    (`transformer_blocks.*.attn.to_q`).
    """
    name = name.replace("*", "0")
    return next((component for component, pattern in _PATTERNS if pattern.search(name)), OTHER)
