"""Which part of a model (attention, MLP, head, ...) a kind of module belongs to."""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.trees.roles import get_component, is_in_attention
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

ORDER = (
    "attention",
    "mlp",
    "experts",
    "router",
    "embeddings",
    "head",
    "vision",
    "audio",
    "norms",
    "modulation",
    "other",
)
"""All components, in the order of reports."""

TITLES = {"mlp": "MLP"}
"""How a component is written where that is not its own name."""

_HEADS = frozenset({"score", "classifier", "qa_outputs", "lm_head", "out_proj"})


def find_component(tree: ModuleTree, kind: str, module: str | None, cls: str) -> str:
    """The component of a kind of module.

    `kind` is its joined name ("model.layers.*.mlp.up_proj"), `module` the kind of its node
    ("Linear"), `cls` its class name.
    """
    if kind == tree.output_embeddings:
        return "head"
    if tree.library != "transformers":
        return _find_diffusers_component(kind, module, cls)
    component = get_component(kind)
    if component in ("vision", "audio"):
        return component
    if module == "Embedding":
        return "embeddings"
    top = kind.split(".")[0]
    if "*" not in kind and (top in _HEADS or (module == "Linear" and "." not in kind)):
        return "head"
    if cls.endswith("Norm"):
        return "norms"
    if component == "mlp" and "*" not in kind:
        return "other"
    return component


_MODULATION = compile_when_used(
    r"(^|\.)(norm\w*|\w*adaln\w*)\.(linear|1)$|modulation|_mod(\.|$)", re.IGNORECASE
)
"""The linear layers that make scale and shift of a norm from the time step: adaptive layer norms
(0.40.0 `models/normalization.py`).
"""


_UNET = compile_when_used(
    r"(^|\.)(resnets|downsamplers|upsamplers)\.|(^|\.)attentions\.\*\.proj_(in|out)$"
)
"""Layers in the blocks of a U-Net that are neither attention nor MLP."""


def _find_diffusers_component(kind: str, module: str | None, cls: str) -> str:
    """The component in a model of diffusers, whose layers outside of the blocks take in latents,
    text and time (`x_embedder`, `context_embedder`): there is no head that starts untrained, and no
    tower.
    """
    if cls.endswith("Norm"):
        return "norms"
    if _MODULATION.search(kind):
        return "modulation"
    if "*" not in kind:
        return "embeddings" if module == "Embedding" or "embed" in kind else "other"
    if _UNET.search(kind):
        return "other"
    inner = kind.rpartition("*.")[2]  # inside of `attentions` there are MLPs, too
    component = get_component(inner)
    component = get_component(kind) if component == "other" else component
    if component in ("vision", "audio"):
        return "attention" if is_in_attention(inner) else "mlp"
    return component
