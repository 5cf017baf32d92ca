"""layer_replication: the decoder's layers repeated, their weights shared.

Source: PEFT 0.21.2, tuners/tuners_utils.py `replicate_layers`.
"""

from __future__ import annotations

from itertools import chain

from loracheck.plan.errors import NotKnownError, RefusedError
from loracheck.plan.graph.module_graph import Module, copy_module
from loracheck.trees.groups import Group
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.trees.model import ModuleTree

FIELD = "layer_replication"
MAX_LAYERS = 2_000
"""Layers of a model that is looked at; the deepest known have some 130."""


def replicate_layers(root: Module, tree: ModuleTree, layer_map: Value) -> None:
    """Rebuild the layer list in the graph, whose indices must all be apart.

    Raises RefusedError where PEFT finds no layers or an index is out of range, NotKnownError for
    more than MAX_LAYERS layers.
    """
    owner, prefix = root, ""
    while "model" in owner.children:
        owner, prefix = owner.children["model"], f"{prefix}model."
    if "bert" in owner.children:
        owner, prefix = owner.children["bert"], f"{prefix}bert."
    holder, name, path = _find_layers(owner, prefix)
    layers = holder.children[name]
    replicated = Module("", "ModuleList", layers.group, layers.node)
    old = list(layers.children.values())
    for index in _list_indices(layer_map):
        if len(replicated.children) == MAX_LAYERS:
            raise NotKnownError(FIELD)
        if not -len(old) <= index < len(old):
            text = f"index {index} is out of range"
            raise RefusedError("replication-range", "IndexError", text, FIELD)
        place = str(len(replicated.children))
        replicated.children[place] = copy_module(old[index], share=True)
        rename_groups(replicated.children[place], f"{path}.{place}")
    holder.children[name] = replicated
    if not tree.pretrained and tree.model_type is None:
        text = f"'{owner.class_name}' object has no attribute 'config'"
        raise RefusedError("replication-config", "AttributeError", text, FIELD)


def _find_layers(owner: Module, prefix: str) -> tuple[Module, str, str]:
    layers: tuple[Module, str, str] | None = None
    if "layers" in owner.children:
        layers = owner, "layers", f"{prefix}layers"
    elif "encoder" in owner.children and "layer" in owner.children["encoder"].children:
        layers = owner.children["encoder"], "layer", f"{prefix}encoder.layer"
    elif "h" in owner.children:
        layers = owner, "h", f"{prefix}h"
    if layers is None or layers[0].children[layers[1]].kind != "ModuleList":
        raise RefusedError(
            "replication-no-layers",
            "ValueError",
            "Could not locate the layers attribute in the model. "
            "Expected Llama, Bert or Falcon compatible architectures.",
            FIELD,
        )
    return layers


def _list_indices(layer_map: Any) -> Iterator[int]:
    """The layers in their new order. Ranges are not unfolded before an index is asked for: one
    may have 10^9 entries.
    """
    ranges: list[range] = []
    try:
        for start, end in layer_map:
            ranges.append(range(start, end))
    except (TypeError, ValueError) as error:
        code = "wrong-type" if str(error).endswith("not iterable") else "replication-form"
        raise RefusedError(code, type(error).__name__, str(error), FIELD) from None
    except OverflowError as error:
        raise RefusedError("replication-form", "OverflowError", str(error), FIELD) from None
    return chain.from_iterable(ranges)


def rename_groups(module: Module, name: str) -> None:
    """Give the copied layer's groups their new names."""
    for full, inner in module.named_modules(name):
        old = inner.group
        node = inner.node or old.node
        inner.group = Group(full, full, (), 1, node, old.position)
