"""A classification head of any width, from two bundled builds of it."""

from __future__ import annotations

from loracheck.trees.model import ModuleTree, Node
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def extrapolate_labels(two: ModuleTree, three: ModuleTree, labels: int) -> ModuleTree:
    """The tree for `labels` labels, from the same model built with two and with three.

    Every size that differs between the two builds grows by their difference with each further label
    (heads are linear in `num_labels`: transformers' modeling code, 4.57 and 5).
    """
    return two._replace(
        root=_extrapolate_node(two.root, three.root, labels, {}),
        extra=_extrapolate(two.extra, three.extra, labels),
    )


def _extrapolate_node(
    low: Node, high: Node, labels: int, extrapolated: dict[tuple[int, int], Node]
) -> Node:
    key = (id(low), id(high))
    if key not in extrapolated:
        pairs = zip(low.children, high.children, strict=True)
        extrapolated[key] = low._replace(
            parameters=tuple(
                a._replace(shape=_extrapolate(a.shape, b.shape, labels))
                for a, b in zip(low.parameters, high.parameters, strict=True)
            ),
            children=tuple(
                a._replace(node=_extrapolate_node(a.node, b.node, labels, extrapolated))
                for a, b in pairs
            ),
            attributes=_extrapolate(low.attributes, high.attributes, labels),
        )
    return extrapolated[key]


def _extrapolate(low: Any, high: Any, labels: int) -> Any:
    if isinstance(low, tuple):
        return tuple(_extrapolate(a, b, labels) for a, b in zip(low, high, strict=True))
    return low + (high - low) * (labels - 2) if type(low) is int else low
