"""Names of layers in the layout that a diffusion model was first published in, and what they are in
diffusers, which has taken them apart.

Source: diffusers `scripts/convert_flux_to_diffusers.py` and
`scripts/convert_hunyuan_video_to_diffusers.py` (commit 58eb52c); to_qkv and add_qkv_proj are what
diffusers itself fuses (`models/attention.py`, fuse_projections).
"""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

_STREAMS = {
    "img_attn_qkv": ("to_q", "to_k", "to_v"),
    "txt_attn_qkv": ("add_q_proj", "add_k_proj", "add_v_proj"),
    "img_attn_proj": ("to_out.0",),
    "txt_attn_proj": ("to_add_out",),
    "add_qkv_proj": ("add_q_proj", "add_k_proj", "add_v_proj"),
    "to_qkv": ("to_q", "to_k", "to_v"),
    "linear1": ("to_q", "to_k", "to_v", "proj_mlp"),
    "linear2": ("proj_out",),
    "img_mod_lin": ("norm1.linear",),
    "txt_mod_lin": ("norm1_context.linear",),
}
_MLPS = {
    f"{stream}_mlp_{old}": (f"{ff}.{new}",)
    for stream, ff in (("img", "ff"), ("txt", "ff_context"))
    for old, new in (("0", "net.0.proj"), ("2", "net.2"), ("fc1", "net.0.proj"), ("fc2", "net.2"))
}
LAYOUT = _STREAMS | _MLPS
"""End of a name in the first layout, with `_` for its dots -> ends of names in diffusers."""


def is_of_first_layout(entry: str, tree: ModuleTree) -> bool:
    """Whether an entry is a name of the first layout, for a model of diffusers. What it stands for
    may be less than a name of diffusers reaches, so that it cannot be mended without asking.
    """
    return tree.library == "diffusers" and _find(entry) is not None


def names_in_diffusers(entry: str, among: list[Group]) -> list[str]:
    """The names in this model of diffusers for one of the first layout; empty where it has not all
    of them.
    """
    names = list(_find(entry) or ())
    there = all(any(_ends(group.name, name) for group in among) for name in names)
    return names if there else []


def find_feed_forward(entry: str, among: list[Group]) -> str | None:
    """The name in this model for a layer of a feed-forward that diffusers calls `ff` in one model
    and `ffn` in another (WanTransformer3DModel, LTX's video models); None for any other entry.
    """
    first, dot, rest = entry.partition(".")
    other = {"ff": "ffn", "ffn": "ff"}.get(first)
    name = f"{other}{dot}{rest}"
    return name if other and any(_ends(group.name, name) for group in among) else None


def _find(entry: str) -> tuple[str, ...] | None:
    flat = re.sub(r"\.", "_", entry)
    return next((LAYOUT[end] for end in LAYOUT if f"_{flat}".endswith(f"_{end}")), None)


def _ends(name: str, end: str) -> bool:
    return name == end or name.endswith(f".{end}")
