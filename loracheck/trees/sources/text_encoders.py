"""The text encoders of diffusers' pipelines, which are models of transformers, by the names of
their classes: of a bundled pipeline the class is known, the sizes of its text encoders are not.

Source: diffusers 0.42.1 `pipelines/*/pipeline_*.py` (the annotations of each `__init__`).
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.trees.model import Child
from loracheck.type_checking import TYPE_CHECKING

from .class_names import find_by_class
from .diffusers_bundle import find_pipeline
from .request import NAMES_ONLY, ResolvedTree

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree, Node

_CLIP = "CLIPTextModel"
_PROJECTED = "CLIPTextModelWithProjection"
_T5 = "T5EncoderModel"
_UMT5 = "UMT5EncoderModel"

_ENCODERS: dict[str, dict[str, str]] = {
    "UNet2DConditionModel": {"text_encoder": _CLIP, "text_encoder_2": _PROJECTED},
    "FluxTransformer2DModel": {"text_encoder": _CLIP, "text_encoder_2": _T5},
    "SD3Transformer2DModel": {
        "text_encoder": _PROJECTED,
        "text_encoder_2": _PROJECTED,
        "text_encoder_3": _T5,
    },
    "HunyuanVideoTransformer3DModel": {"text_encoder": "LlamaModel", "text_encoder_2": _CLIP},
    "AuraFlowTransformer2DModel": {"text_encoder": _UMT5},
    "WanTransformer3DModel": {"text_encoder": _UMT5},
    "ChromaTransformer2DModel": {"text_encoder": _T5},
    "CogVideoXTransformer3DModel": {"text_encoder": _T5},
    "LTXVideoTransformer3DModel": {"text_encoder": _T5},
    "MochiTransformer3DModel": {"text_encoder": _T5},
    "PixArtTransformer2DModel": {"text_encoder": _T5},
    "Lumina2Transformer2DModel": {"text_encoder": "Gemma2Model"},
    "QwenImageTransformer2DModel": {"text_encoder": "Qwen2_5_VLForConditionalGeneration"},
    "CogView4Transformer2DModel": {"text_encoder": "GlmModel"},
}
"""Class of the pipeline's transformer or U-Net -> part -> class of the text encoder."""

_TYPES = {_CLIP: "clip_text_model", _PROJECTED: "clip_text_model", _T5: "umt5", _UMT5: "umt5"}
"""Class -> the model type whose bundled tree has its names. The T5 of these pipelines is of version
1.1, whose gated feed-forward (`wi_0`, `wi_1`) UMT5 has and the default T5 has not.
"""

KOLORS = "ChatGLMModel"

SIZES = "the sizes and the number of its layers"
"""Entry of `ModuleTree.partial`."""


class TextEncoder(NamedTuple):
    """What is known of one: its class, and the model type whose bundled tree has its names; None
    where that is the class's own business (`class_names.py`), or where neither is known.
    """

    cls: str
    type: str | None = None


def find_text_encoder(model: str, part: str) -> TextEncoder | None:
    """The text encoder of a bundled pipeline; None where its class is not known. `part` is its
    folder in the checkpoint.
    """
    pipeline = find_pipeline(model)
    if pipeline is None:
        return None
    tree = pipeline.tree
    if tree.find("encoder_hid_proj") is not None:
        return TextEncoder(KOLORS)
    one = tree.cls == "UNet2DConditionModel" and tree.find("add_embedding") is None
    cls = _ENCODERS.get(tree.cls or "", {}).get(part)
    return (
        None
        if cls is None or (one and part != "text_encoder")
        else TextEncoder(cls, _TYPES.get(cls))
    )


def resolve_names(encoder: TextEncoder, part: str, tree: ModuleTree | None) -> ResolvedTree | None:
    """The answer by the names of the class; `tree` is one of `TextEncoder.type`. None where the
    names are not known.
    """
    if encoder.cls == KOLORS:
        reason = (
            f"{part} of Kolors is a {KOLORS} of diffusers' own (pipelines/kolors/text_encoder.py), "
            "whose names are not known here"
        )
        return ResolvedTree(None, reason=reason)
    source = f"by the names of {encoder.cls} alone (the pipeline's {part})"
    if encoder.type is None:
        resolved = find_by_class((encoder.cls,))
        return resolved._replace(source=source) if resolved is not None else None
    if tree is None:
        return None
    root = _widen(_project(tree.root) if encoder.cls == _PROJECTED else tree.root)
    tree_of_names = tree._replace(root=root, cls=encoder.cls, partial=(SIZES,))
    return ResolvedTree(tree_of_names, source, kind=NAMES_ONLY)


MOST_LAYERS = 255
"""The highest layer number that names may have."""


def _widen(node: Node) -> Node:
    """The module with as many layers as any model of its class may have."""
    children = []
    last = max((child.ranges[-1][1] for child in node.children if child.ranges), default=0)
    for child in node.children:
        ranges = child.ranges
        if ranges and ranges[-1][1] == last and node.kind == "ModuleList":
            ranges = (*ranges[:-1], (ranges[-1][0], MOST_LAYERS))
        children.append(child._replace(ranges=ranges, node=_widen(child.node)))
    return node._replace(children=tuple(children))


def _project(root: Node) -> Node:
    """CLIPTextModelWithProjection around CLIPTextModel: from transformers 5 on only the outer one
    has `text_model` in its names (transformers 5.24.0 `models/clip/modeling_clip.py`).
    """
    inside = {child.name: child.node for child in root.children}
    inner = inside.get("text_model", root)
    projection = _find_linear(inner)
    children = [Child("text_model", None, inner)]
    if projection is not None:
        children.append(Child("text_projection", None, projection))
    return root._replace(children=tuple(children))


def _find_linear(node: Node) -> Node | None:
    if node.kind == "Linear":
        return node
    layers = (_find_linear(child.node) for child in node.children)
    return next((one for one in layers if one is not None), None)
