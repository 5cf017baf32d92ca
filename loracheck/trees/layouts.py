"""Layers of diffusion models in the layouts in which they were published, by name alone: what a
trainer meets that does not load them through diffusers.

Each table has the linear layers of the model's blocks and of what stands around them. `{40}` stands
for the numbers 0 to 39 of a list; where a model comes in several sizes it is the largest, so that
a name that is not here is in none of them.
"""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .fold import fold_children
from .model import ModuleTree, Node
from .sources.request import NAMES_ONLY, ResolvedTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PARTIAL = ("the sizes of layers and how many blocks there are",)


class Layout(NamedTuple):
    """A model's layers."""

    cls: str
    """The class in the original code."""

    source: str
    """Where the names were read: project, commit, file."""

    rows: tuple[str, ...]
    """Names, or beginnings and ends of names, `a.{2}.(q|k)`."""


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "flux": Layout(
            "Flux",
            "sd-scripts 48d368f library/flux_models.py",
            (
                "img_in",
                "time_in.(in_layer|out_layer)",
                "vector_in.(in_layer|out_layer)",
                "guidance_in.(in_layer|out_layer)",
                "txt_in",
                "double_blocks.{19}.(img_mod|txt_mod).lin",
                "double_blocks.{19}.(img_attn|txt_attn).(qkv|proj)",
                "double_blocks.{19}.(img_mlp|txt_mlp).(0|2)",
                "single_blocks.{38}.(linear1|linear2)",
                "single_blocks.{38}.modulation.lin",
                "final_layer.linear",
                "final_layer.adaLN_modulation.1",
            ),
        ),
        "sd3": Layout(
            "MMDiT",
            "sd-scripts 48d368f library/sd3_models.py",
            (
                "x_embedder.proj",
                "t_embedder.mlp.(0|2)",
                "y_embedder.mlp.(0|2)",
                "context_embedder",
                "joint_blocks.{38}.(context_block|x_block).adaLN_modulation.1",
                "joint_blocks.{38}.(context_block|x_block).attn.qkv",
                "joint_blocks.{38}.x_block.attn.proj",
                "joint_blocks.{38}.x_block.mlp.(fc1|fc2)",
                "joint_blocks.{37}.context_block.attn.proj",
                "joint_blocks.{37}.context_block.mlp.(fc1|fc2)",
                "joint_blocks.{13}.x_block.attn2.(qkv|proj)",
                "final_layer.linear",
                "final_layer.adaLN_modulation.1",
            ),
        ),
        "wan": Layout(
            "WanModel",
            "musubi-tuner 30c658c src/musubi_tuner/wan/modules/model.py",
            (
                "text_embedding.(0|2)",
                "time_embedding.(0|2)",
                "time_projection.1",
                "blocks.{40}.self_attn.(q|k|v|o)",
                "blocks.{40}.cross_attn.(q|k|v|o|k_img|v_img)",
                "blocks.{40}.ffn.(0|2)",
                "head.head",
                "img_emb.proj.(1|3)",
            ),
        ),
        "hunyuan-video": Layout(
            "HYVideoDiffusionTransformer",
            "musubi-tuner 30c658c src/musubi_tuner/hunyuan_model/models.py, mlp_layers.py",
            (
                "time_in.mlp.(0|2)",
                "vector_in.(in_layer|out_layer)",
                "guidance_in.mlp.(0|2)",
                "double_blocks.{20}.(img_mod|txt_mod).linear",
                "double_blocks.{20}.(img_attn_qkv|img_attn_proj|txt_attn_qkv|txt_attn_proj)",
                "double_blocks.{20}.(img_mlp|txt_mlp).(fc1|fc2)",
                "single_blocks.{40}.(linear1|linear2)",
                "single_blocks.{40}.modulation.linear",
                "final_layer.linear",
                "final_layer.adaLN_modulation.1",
            ),
        ),
        "qwen-image": Layout(
            "QwenImageTransformer2DModel",
            "musubi-tuner 30c658c src/musubi_tuner/qwen_image/qwen_image_model.py",
            (
                "img_in",
                "txt_in",
                "time_text_embed.timestep_embedder.(linear_1|linear_2)",
                "transformer_blocks.{60}.(img_mod|txt_mod).1",
                "transformer_blocks.{60}.attn.(to_q|to_k|to_v|add_q_proj|add_k_proj|add_v_proj)",
                "transformer_blocks.{60}.attn.(to_out.0|to_add_out)",
                "transformer_blocks.{60}.(img_mlp|txt_mlp).net.(0.proj|2)",
                "norm_out.linear",
                "proj_out",
            ),
        ),
        "flux-fused": Layout(
            "FluxDiT",
            "DiffSynth-Studio fed7b18 diffsynth/models/flux_dit.py",
            (
                "time_embedder.timestep_embedder.(0|2)",
                "guidance_embedder.timestep_embedder.(0|2)",
                "pooled_text_embedder.(0|2)",
                "context_embedder",
                "x_embedder",
                "blocks.{19}.(norm1_a|norm1_b).linear",
                "blocks.{19}.attn.(a_to_qkv|b_to_qkv|a_to_out|b_to_out)",
                "blocks.{19}.(ff_a|ff_b).(0|2)",
                "single_blocks.{38}.norm.linear",
                "single_blocks.{38}.(to_qkv_mlp|proj_out)",
                "final_norm_out.linear",
                "final_proj_out",
            ),
        ),
        "flux2": Layout(
            "Flux2DiT",
            "DiffSynth-Studio fed7b18 diffsynth/models/flux2_dit.py",
            (
                "time_guidance_embed.(timestep_embedder|guidance_embedder).(linear_1|linear_2)",
                "(double_stream_modulation_img|double_stream_modulation_txt).linear",
                "single_stream_modulation.linear",
                "x_embedder",
                "context_embedder",
                "transformer_blocks.{8}.attn.(to_q|to_k|to_v|to_out.0)",
                "transformer_blocks.{8}.attn.(add_q_proj|add_k_proj|add_v_proj|to_add_out)",
                "transformer_blocks.{8}.(ff|ff_context).(linear_in|linear_out)",
                "single_transformer_blocks.{48}.attn.(to_qkv_mlp_proj|to_out)",
                "norm_out.linear",
                "proj_out",
            ),
        ),
        "z-image": Layout(
            "ZImageDiT",
            "DiffSynth-Studio fed7b18 diffsynth/models/z_image_dit.py",
            (
                "all_x_embedder.2-1",
                "t_embedder.mlp.(0|2)",
                "cap_embedder.1",
                "(noise_refiner.{2}|layers.{30}).adaLN_modulation.0",
                "(noise_refiner|context_refiner).{2}.attention.(to_q|to_k|to_v|to_out.0)",
                "(noise_refiner|context_refiner).{2}.feed_forward.(w1|w2|w3)",
                "layers.{30}.attention.(to_q|to_k|to_v|to_out.0)",
                "layers.{30}.feed_forward.(w1|w2|w3)",
                "all_final_layer.2-1.(linear|adaLN_modulation.1)",
                "siglip_embedder.1",
                "siglip_refiner.{2}.attention.(to_q|to_k|to_v|to_out.0)",
                "siglip_refiner.{2}.feed_forward.(w1|w2|w3)",
            ),
        ),
    }
)


def resolve_layout(name: str) -> ResolvedTree:
    """The layout's tree as the answer to a request for a model. KeyError for an unknown name."""
    layout = LAYOUTS[name]
    return ResolvedTree(
        load_layout(name), f"by the names of {layout.cls} ({layout.source})", kind=NAMES_ONLY
    )


@cache
def load_layout(name: str) -> ModuleTree:
    """The tree of a layout: linear layers by name, and the modules that hold them. KeyError for an
    unknown name.
    """
    layout = LAYOUTS[name]
    root: dict[str, object] = {}
    for row in layout.rows:
        for full in list_names(row):
            inner = root
            for step in full.split("."):
                inner = inner.setdefault(step, {})  # type: ignore[assignment]
    nodes: dict[tuple[object, ...], Node] = {}
    return ModuleTree(
        _make_node(root, layout.cls, nodes),
        cls=layout.cls,
        library=layout.source.split()[0],
        library_version=layout.source.split()[1],
        pretrained=False,
        partial=PARTIAL,
    )


def list_names(row: str) -> Iterator[str]:
    """The names that a row stands for."""
    match = re.search(r"\{(\d+)\}|\(([^()]*)\)", row)
    if match is None:
        yield row
        return
    words = map(str, range(int(match[1]))) if match[1] else iter(match[2].split("|"))
    for word in words:
        yield from list_names(row[: match.start()] + word + row[match.end() :])


def _make_node(inner: dict[str, object], cls: str, nodes: dict[tuple[object, ...], Node]) -> Node:
    """The node of a mapping of names; equal ones are one object, so that they can be folded."""
    children = [
        (name, _make_node(below, "", nodes))
        for name, below in inner.items()
        if isinstance(below, dict)
    ]
    key = (cls, *((name, id(node)) for name, node in children))
    if key not in nodes:
        numbered = bool(children) and all(name.isdecimal() for name, _ in children)
        kind = ("ModuleList" if numbered else None) if children else "Linear"
        class_name = cls or (f"torch.nn.{kind}" if kind else "Module")
        nodes[key] = Node(class_name, None if cls else kind, (), fold_children(children))
    return nodes[key]
