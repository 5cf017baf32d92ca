"""The name of a kind of module: its full name with `*` for every layer or expert number.

A plan splits groups of modules as finely as its config needs (`layers.0`, `layers.*`). Here they
get one name again, so that `model.layers.*.self_attn.q_proj` is one row whatever the config names.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree, Node


class KindLocation(NamedTuple):
    """Where a group's modules stand.

    `kind` is the joined name. `stack` is the container of layers ("model.layers") and `below` the
    name inside a layer; without layers `stack` is None and `below` the whole name. `layers` are the
    layer numbers, and `each` how many modules one layer has of the group.
    """

    kind: str
    stack: str | None
    below: str
    layers: tuple[int, ...]
    each: int


def locate_group(tree: ModuleTree, group: Group) -> KindLocation:
    """Where the group's modules stand in the tree."""
    parts, first = group.template.split("."), group.name.split(".")
    joined = _fold_numbers(tree, first, parts)
    kind = ".".join(joined)
    if "*" not in joined:
        return KindLocation(kind, None, kind, (), group.count)
    at = joined.index("*")
    layers = group.indices[parts[:at].count("*")] if parts[at] == "*" else (int(first[at]),)
    stack, below = ".".join(joined[:at]), ".".join(joined[at + 1 :])
    return KindLocation(kind, stack, below or "*", layers, group.count // max(len(layers), 1))


def _fold_numbers(tree: ModuleTree, first: list[str], parts: list[str]) -> list[str]:
    """The name's parts with `*` for numbers whose siblings are many of a kind."""
    folded_parts: list[str] = []
    node: Node | None = tree.root
    for part, template in zip(first, parts, strict=True):
        many = node is not None and part.isdecimal() and _is_numbered_list(node)
        folded_parts.append("*" if many or template == "*" else part)
        node = _find_child(node, part) if node is not None else None
    return folded_parts


def _is_numbered_list(node: Node) -> bool:
    if any(child.ranges for child in node.children):
        return True
    return node.kind == "ModuleList" and not _is_sequence(node)


def _is_sequence(node: Node) -> bool:
    """Whether a list holds the steps of one layer, as diffusers' `to_out` does (a linear layer and
    a dropout): no two are of a class, and some hold no others.
    """
    classes = {child.node.class_name for child in node.children}
    simple = any(not child.node.children for child in node.children)
    return len(classes) == len(node.children) > 1 and simple


def _find_child(node: Node, part: str) -> Node | None:
    """The child of that name; for a number any layer will do (replication adds numbers)."""
    match = next((child.node for child in node.children if child.name == part), None)
    if match is not None or not part.isdecimal():
        return match
    number = int(part)
    inside = (
        child.node
        for child in node.children
        if any(low <= number <= high for low, high in child.ranges or ())
    )
    return next(inside, node.children[-1].node if node.children else None)
