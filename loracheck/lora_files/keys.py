"""The name of a tensor taken apart: prefix, module, and what the tensor is.

Sources: diffusers 0.42.1 `utils/state_dict_utils.py`, `loaders/lora_conversion_utils.py`; ComfyUI
0.3.64 `comfy/lora.py`, `comfy/weight_adapter/`; kohya-ss/sd-scripts 48d368fa `networks/`;
LyCORIS 3.2.0 `lycoris/modules/`; PEFT 0.21.2 `utils/save_and_load.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from loracheck.named_tuple import NamedTuple

from .model import DENOISER, Prefix


class Key(NamedTuple):
    """A tensor's name, taken apart. `role` is what it is in its module."""

    stem: str
    kind: str
    role: str
    style: str
    adapter: str | None = None


_ENDS = (
    (
        "lora",
        "lora_A",
        r"\.lora_(?:embedding_)?(?P<role>[AB])(?:\.(?!weight$|bias$)(?P<adapter>[^.]+))?"
        r"(?:\.weight|(?P<bias>\.bias))?",
    ),
    ("lora", "lora_down", r"\.lora_(?P<role>down|up|mid)(?:\.weight)?"),
    ("lora", "lora.down", r"\.lora(?:_linear_layer)?\.(?P<role>down|up)\.weight"),
    ("lora", "_lora.down", r"_lora(?P<number>\d?)\.(?P<role>down|up)\.weight"),
    ("loha", "hada", r"\.(?P<role>hada_(?:w[12]_[ab]|t[12]))"),
    ("lokr", "lokr", r"\.(?P<role>lokr_(?:w[12](?:_[ab])?|t[12]))"),
    ("oft", "oft", r"\.(?P<role>oft_(?:blocks|diag|R)|boft_\w+)(?:\.weight)?"),
    ("glora", "glora", r"\.(?P<role>[ab][12])\.weight"),
    ("ia3", "ia3", r"\.(?P<role>on_input)"),
    ("diff", "diff", r"\.(?P<role>diff|diff_b|set_weight|w_norm|b_norm)"),
    ("none", "", r"\.(?P<role>alpha|dora_scale|rescale|scalar|reshape_weight)"),
    ("none", "", r"\.lora_(?P<role>magnitude_vector)(?:\.[^.]+)?(?:\.weight)?"),
)
"""(kind, style, expression) of the ends of names. A number after `_lora` counts the streams of a
block in XLabs' files.
"""

_PATTERNS = tuple((kind, style, re.compile(f"(.+?){end}")) for kind, style, end in _ENDS)
_ROLES = {"A": "down", "B": "up", "magnitude_vector": "dora_scale"}

PREFIXES = (
    Prefix("transformer.base_model.model.", DENOISER),
    Prefix("unet.base_model.model.", DENOISER),
    Prefix("diffusion_model.base_model.model.", DENOISER),
    Prefix("base_model.model.", DENOISER),
    Prefix("lora_unet_", DENOISER, joined=True),
    Prefix("lora_te1_", "text_encoder", joined=True),
    Prefix("lora_te2_", "text_encoder_2", joined=True),
    Prefix("lora_te3_", "text_encoder_3", joined=True),
    Prefix("lora_te_", "text_encoder", joined=True),
    Prefix("lora_transformer_", DENOISER, joined=True),
    Prefix("lora_prior_unet_", DENOISER, joined=True),
    Prefix("lora_llm_adapter_", "llm_adapter", joined=True),
    Prefix("oft_unet_", DENOISER, joined=True),
    Prefix("lycoris_", DENOISER, joined=True),
    Prefix("model.diffusion_model.", DENOISER),
    Prefix("diffusion_model.", DENOISER),
    Prefix("transformer.", DENOISER),
    Prefix("transformer_2.", DENOISER),
    Prefix("unet.", DENOISER),
    Prefix("prior.", DENOISER),
    Prefix("text_encoder.", "text_encoder"),
    Prefix("text_encoder_2.", "text_encoder_2"),
    Prefix("text_encoder_3.", "text_encoder_3"),
    Prefix("text_encoders.", "text_encoder"),
    Prefix("text_model.", "text_encoder"),
)
"""What names begin with; the first that a name begins with counts."""

BARE = Prefix("", DENOISER)
"""No prefix at all."""


def split_key(name: str) -> Key | None:
    """A name taken apart; None where it is no tensor of a LoRA."""
    for kind, style, pattern in _PATTERNS:
        match = pattern.fullmatch(name)
        if match is None:
            continue
        groups = match.groupdict()
        role = _ROLES.get(groups["role"], groups["role"])
        role += "_bias" if groups.get("bias") else ""
        stem = match[1] + (groups.get("number") or "")
        return Key(stem, kind, role, style, groups.get("adapter"))
    return None


@lru_cache(maxsize=1 << 14)
def find_prefix(stem: str) -> Prefix:
    """The prefix that a stem begins with; BARE where there is none."""
    return next((prefix for prefix in PREFIXES if stem.startswith(prefix.text)), BARE)
