"""Which part of a model (attention, MLP, head, ...) a kind of module belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.trees.roles import component_of

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
    found = component_of(kind)
    if found in ("vision", "audio"):
        return found
    if module == "Embedding":
        return "embeddings"
    top = kind.split(".")[0]
    if "*" not in kind and (top in _HEADS or (module == "Linear" and "." not in kind)):
        return "head"
    if cls.endswith("Norm"):
        return "norms"
    if found == "mlp" and "*" not in kind:
        return "other"
    return found
