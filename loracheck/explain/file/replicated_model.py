"""The tree that layer_replication makes of a model: layers repeated or left out, weights shared.

Source: PEFT 0.21.2, tuners/tuners_utils.py `replicate_layers`; the plan follows it exactly
(`loracheck/plan/injection/layer_replication.py`), this tree is for reports of plans that went well.
"""

from __future__ import annotations

from loracheck.rules.support.layer_replication import list_replicated_layers
from loracheck.trees.fold import fold_children
from loracheck.trees.model import iterate_children
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value
    from loracheck.trees.model import ModuleTree, Node


def replicate_layers(tree: ModuleTree, value: Value) -> ModuleTree:
    """The tree with its layers in the new order; the same tree where there is nothing to do."""
    order = list_replicated_layers(value)
    path = _find_layers_path(tree.root)
    if not order or path is None:
        return tree
    name = ".".join(path)
    layers = tree.find(name)
    old = [node for _, node in iterate_children(layers)] if layers else []
    if layers is None or not all(-len(old) <= index < len(old) for index in order):
        return tree
    replicated = layers._replace(
        children=fold_children([(str(i), old[j]) for i, j in enumerate(order)])
    )
    return tree._replace(
        root=_replace_module(tree.root, path, replicated),
        ties=(*tree.ties, *_share_weights(name, order, old)),
    )


def _find_layers_path(root: Node) -> list[str] | None:
    """Where PEFT looks for the layers."""
    node, path = root, []
    while (inner := _find_child(node, "model")) is not None:
        node = inner
        path.append("model")
    bert = _find_child(node, "bert")
    if bert is not None:
        node = bert
        path.append("bert")
    encoder = _find_child(node, "encoder")
    if _find_child(node, "layers") is not None:
        return [*path, "layers"]
    if encoder is not None and _find_child(encoder, "layer") is not None:
        return [*path, "encoder", "layer"]
    return [*path, "h"] if _find_child(node, "h") is not None else None


def _find_child(node: Node, name: str) -> Node | None:
    return next((child.node for child in node.children if child.name == name), None)


def _replace_module(node: Node, path: list[str], new: Node) -> Node:
    """The node with another module at the path."""
    if not path:
        return new
    children = tuple(
        child._replace(node=_replace_module(child.node, path[1:], new))
        if child.name == path[0]
        else child
        for child in node.children
    )
    return node._replace(children=children)


def _share_weights(name: str, order: list[int], old: list[Node]) -> Iterator[tuple[str, str]]:
    """Every parameter of a repeated layer, with the first one's name."""
    first: dict[int, int] = {}
    for place, index in enumerate(order):
        origin = first.setdefault(index % len(old), place)
        if origin != place:
            for parameter_name in _list_parameter_names(old[index]):
                yield f"{name}.{place}.{parameter_name}", f"{name}.{origin}.{parameter_name}"


def _list_parameter_names(node: Node, prefix: str = "") -> Iterator[str]:
    yield from (f"{prefix}{parameter.name}" for parameter in node.parameters)
    for part, child in iterate_children(node):
        yield from _list_parameter_names(child, f"{prefix}{part}.")
