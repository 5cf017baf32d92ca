"""The linear layers of a model: which there are, and how many of them a plan reaches."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.roles import get_component
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.plan.model import Plan
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

LINEAR_KINDS = frozenset({"Linear", "Conv1D"})
"""Kinds that count as linear layers (PEFT's `all-linear` takes the same two)."""


class LinearShare(NamedTuple):
    """How many of the model's linear layers LoRA wraps; the output head does not count."""

    reached: int
    linear: int

    def __str__(self) -> str:
        return f"{self.reached} of {self.linear} linear layers"


def find_linear_layers(tree: ModuleTree, with_head: bool = False) -> list[Group]:
    """The model's linear layers, the output head only if asked for, equal layers folded into one
    group.
    """
    head = None if with_head else tree.output_embeddings
    return [
        g for g in group_modules(tree, Splitter()) if g.node.kind in LINEAR_KINDS and g.name != head
    ]


def list_linear_leaf_names(
    tree: ModuleTree, exclude: str | None, with_head: bool = False
) -> list[str]:
    """The last name parts of all linear layers that the expression `exclude` does not match: the
    list that some tools pass instead of "all-linear" (Behaviour.lists_linear, lists_head).
    """
    from loracheck.plan.errors import RefusedError
    from loracheck.plan.matching.regexes import compile_pattern

    key = (id(tree), exclude, with_head)
    cached = _listed.get(key)
    if cached is not None:
        return [*cached[1]]
    linear = find_linear_layers(tree, with_head)
    names = [group.name for group in linear if group.node.kind == "Linear"]
    if exclude:
        try:
            out = compile_pattern(exclude, "exclude_modules", whole=True)
            names = [name for name in names if not out(name)]
        except RefusedError:  # the plan ends with the same; another file may have more time
            return _list_leaves(names)
    if len(_listed) >= MAX_LISTED:
        _listed.clear()
    _listed[key] = tree, (leaves := _list_leaves(names))
    return [*leaves]


def _list_leaves(names: list[str]) -> list[str]:
    return list(dict.fromkeys(name.rpartition(".")[2] for name in names))


MAX_LISTED = 64
_listed: dict[tuple[int, str | None, bool], tuple[ModuleTree, list[str]]] = {}
"""The lists of the run: recipes of a folder leave the same towers out, by a slow expression. The
tree is kept beside its list, so that its id cannot pass to another.
"""


def measure_share(plan: Plan, tree: ModuleTree, *, towers: bool = True) -> LinearShare:
    """The share of the model's linear layers that the plan reaches; with `towers` False without
    those of vision and audio towers.
    """
    head = tree.output_embeddings
    reached = [
        w.group
        for w in plan.wrapped
        if w.group.node.kind in LINEAR_KINDS and w.parameter is None and w.group.name != head
    ]
    there = find_linear_layers(tree)
    if not towers:
        reached, there = ([g for g in part if _is_in_text_model(g)] for part in (reached, there))
    return LinearShare(sum(g.count for g in reached), sum(g.count for g in there))


def _is_in_text_model(group: Group) -> bool:
    return get_component(group.template) not in ("vision", "audio")


def find_unreached_layers(plan: Plan, tree: ModuleTree) -> list[Group]:
    """The linear layers, without the head, that the plan neither wraps nor trains in full."""
    reached_templates = {w.group.template for w in plan.wrapped} | {
        s.group.template for s in plan.saved
    }
    return [g for g in find_linear_layers(tree) if g.template not in reached_templates]


def describe_linear_layers(tree: ModuleTree, limit: int = 8) -> str:
    """The last name parts of the model's linear layers, at most `limit` of them, as a phrase."""
    names = dict.fromkeys(g.template.rpartition(".")[2] for g in find_linear_layers(tree))
    names.pop("*", None)
    listing = ", ".join(f"`{n}`" for n in list(names)[:limit])
    return listing + (", …" if len(names) > limit else "")
