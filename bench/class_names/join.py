"""Several trees of one class as one, which has every module that one of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.trees.model import Child, ModuleTree, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = (255, 63, 7)
"""The highest number in a joined list of layers, in one within it (experts), and in one within
that: no known model has as many layers, and nobody names an expert by its number.
"""

PARTIAL = ("the sizes and the number of its layers",)


def join_trees(trees: Sequence[ModuleTree]) -> ModuleTree:
    """The trees of a class joined. Facts that differ among them are left out."""
    first = trees[0]
    root = join_nodes([tree.root for tree in trees], 0)
    same = {
        name: getattr(first, name)
        for name in ("model_type", "cls", "input_embeddings", "output_embeddings", "generates")
        if len({getattr(tree, name) for tree in trees}) == 1
    }
    return ModuleTree(root=root, partial=PARTIAL, **same)


ENOUGH = 60_000
"""Modules of a joined tree; more numbers than these are cut off, those of inner lists first."""


def shorten_lists(tree: ModuleTree) -> ModuleTree:
    """The tree with fewer numbers in its lists, where it has too many modules to be of use."""
    for most in (MOST, (255, 15, 3), (127, 7, 1), (127, 1, 1)):
        shorter = tree._replace(root=_clip(tree.root, most))
        if _count(shorter.root) <= ENOUGH:
            break
    return shorter


def _clip(node: Node, most: tuple[int, ...]) -> Node:
    found = []
    for child in node.children:
        if child.ranges:
            inner = _clip(child.node, most[1:] or most)
            found.append(Child(None, ((0, most[0]),), inner))
        else:
            found.append(child._replace(node=_clip(child.node, most)))
    return node._replace(children=tuple(found))


def _count(node: Node) -> int:
    return 1 + sum(_count(one.node) * (len(one.indices) or 1) for one in node.children)


def join_nodes(nodes: list[Node], lists: int = 0) -> Node:
    """The nodes as one, which stands within so many lists."""
    first = next((node for node in nodes if node.kind is not None), nodes[0])
    parameters = {one.name: one for node in nodes for one in node.parameters}
    return Node(first.cls, first.kind, tuple(parameters.values()), _join_children(nodes, lists))


def _join_children(nodes: Iterable[Node], lists: int) -> tuple[Child, ...]:
    named: dict[str, list[Node]] = {}
    numbered: list[Node] = []
    for node in nodes:
        for child in node.children:
            if child.name is None or child.name.isdecimal():
                numbered.append(child.node)
            else:
                named.setdefault(child.name, []).append(child.node)
    found = [Child(name, None, join_nodes(same, lists)) for name, same in named.items()]
    if numbered:
        # A list may be longer in another config, and its kinds of layers in another order.
        most = MOST[min(lists, len(MOST) - 1)]
        joined = join_nodes(numbered, lists + 1)
        if found:
            found += [Child(str(number), None, joined) for number in range(MOST[-1] + 1)]
        else:
            found.append(Child(None, ((0, most),), joined))
    return tuple(found)
