"""A tree as a tool sees it that puts LoRA on the layer inside a wrapper which PEFT refuses: the
wrapper counts as a linear layer of that layer's size, without a weight of its own.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree, Node

MAX_KEPT = 16
"""Trees that are kept for the length of a run, so that plans on them are found again."""

_kept: dict[tuple[int, tuple[str, ...]], tuple[ModuleTree, ModuleTree]] = {}


def open_wrappers(tree: ModuleTree, parts: tuple[str, ...]) -> ModuleTree:
    """The tree with every wrapper opened whose class has one of the parts in its name and holds one
    linear layer; the tree itself where there is none.
    """
    if not parts:
        return tree
    key = (id(tree), parts)
    if key not in _kept:
        if len(_kept) >= MAX_KEPT:
            _kept.pop(next(iter(_kept)))
        root = _open(tree.root, parts)
        # The tree is kept beside what was made of it, so that its id cannot pass to another.
        _kept[key] = tree, tree if root is tree.root else tree._replace(root=root)
    return _kept[key][1]


def _open(node: Node, parts: tuple[str, ...]) -> Node:
    inner = next((child.node for child in node.children if child.node.kind == "Linear"), None)
    if inner is not None and any(part in node.class_name for part in parts):
        weight = inner.parameter("weight")
        shape = weight.shape if weight is not None and len(weight.shape) == 2 else None
        if shape is None:
            return node
        sizes = (("in_features", shape[1]), ("out_features", shape[0]))
        return node._replace(kind="Linear", attributes=(*node.attributes, *sizes))
    children = tuple(child._replace(node=_open(child.node, parts)) for child in node.children)
    same = all(new.node is old.node for new, old in zip(children, node.children, strict=True))
    return node if same else node._replace(children=children)
