"""Names of layers in the layout that a diffusion model was first published in, and what they are in
diffusers, which has taken them apart.

Source: diffusers `scripts/convert_flux_to_diffusers.py`, `scripts/convert_flux2_to_diffusers.py`
and `scripts/convert_hunyuan_video_to_diffusers.py` (commit 58eb52c); to_qkv and add_qkv_proj are
what diffusers itself fuses (`models/attention.py`, fuse_projections).
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
    "modulation_lin": ("norm.linear",),
}
_OUTER = {
    "img_in": ("x_embedder",),
    "txt_in": ("context_embedder",),
    "final_layer_linear": ("proj_out",),
    "time_in_in_layer": ("timestep_embedder.linear_1",),
    "time_in_out_layer": ("timestep_embedder.linear_2",),
    "vector_in_in_layer": ("text_embedder.linear_1",),
    "vector_in_out_layer": ("text_embedder.linear_2",),
    "guidance_in_in_layer": ("guidance_embedder.linear_1",),
    "guidance_in_out_layer": ("guidance_embedder.linear_2",),
}
_MLPS = {
    f"{stream}_mlp_{old}": (f"{ff}.{new}",)
    for stream, ff in (("img", "ff"), ("txt", "ff_context"))
    for old, new in (("0", "net.0.proj"), ("2", "net.2"), ("fc1", "net.0.proj"), ("fc2", "net.2"))
}
LAYOUT = _STREAMS | _OUTER | _MLPS
"""End of a name in the first layout, with `_` for its dots -> ends of names in diffusers."""

_FLUX2 = {
    "linear1": ("to_qkv_mlp_proj",),
    "linear2": ("single_transformer_blocks.*.attn.to_out",),
    "double_stream_modulation_img_lin": ("double_stream_modulation_img.linear",),
    "double_stream_modulation_txt_lin": ("double_stream_modulation_txt.linear",),
    "single_stream_modulation_lin": ("single_stream_modulation.linear",),
    **{
        f"{stream}_mlp_{old}": (f"{ff}.{new}",)
        for stream, ff in (("img", "ff"), ("txt", "ff_context"))
        for old, new in (("0", "linear_in"), ("2", "linear_out"))
    },
}
"""The same where FLUX.2 differs: its single blocks keep their layers fused. `to_out` alone would
name a list of modules in the other blocks, too, which PEFT refuses.
"""


def is_of_first_layout(entry: str, tree: ModuleTree) -> bool:
    """Whether an entry is a name of the first layout, for a model of diffusers. What it stands for
    may be less than a name of diffusers reaches, so that it cannot be mended without asking.
    """
    return tree.library == "diffusers" and _find(entry, tree) is not None


def names_in_diffusers(entry: str, tree: ModuleTree, among: list[Group]) -> list[str]:
    """The names in this model of diffusers for one of the first layout, with N for the number of a
    block; empty where it has not all of them.
    """
    names = list(_find(entry, tree) or ())
    there = all(any(_ends(group.template, name) for group in among) for name in names)
    return [name.replace("*", "N") for name in names] if there else []


def find_feed_forward(entry: str, among: list[Group]) -> str | None:
    """The name in this model for a layer of a feed-forward that diffusers calls `ff` in one model
    and `ffn` in another (WanTransformer3DModel, LTX's video models); None for any other entry.
    """
    first, dot, rest = entry.partition(".")
    other = {"ff": "ffn", "ffn": "ff"}.get(first)
    name = f"{other}{dot}{rest}"
    return name if other and any(_ends(group.name, name) for group in among) else None


def _find(entry: str, tree: ModuleTree) -> tuple[str, ...] | None:
    flat = re.sub(r"\.", "_", entry)
    is_flux2 = (tree.cls or "").endswith("Flux2Transformer2DModel")
    tables = (_FLUX2, LAYOUT) if is_flux2 else (LAYOUT,)
    return next((t[end] for t in tables for end in t if f"_{flat}".endswith(f"_{end}")), None)


def _ends(name: str, end: str) -> bool:
    return name == end or name.endswith(f".{end}")
