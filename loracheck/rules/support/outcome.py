"""What a config's targets reach and what they leave out, in words; shared by the rules of family
LC2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from loracheck.trees.groups import Group, Splitter, groups
from loracheck.trees.roles import component, fills, role, suffix

from .name_typos import nearly

if TYPE_CHECKING:
    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

LINEAR = frozenset({"Linear", "Conv1D"})
"""Kinds that count as linear layers (PEFT's `all-linear` takes the same two)."""


class Share(NamedTuple):
    """How many of the model's linear layers, the output head left out, LoRA wraps."""

    reached: int
    linear: int

    def __str__(self) -> str:
        return f"{self.reached} of {self.linear} linear layers"


def settled(context: RuleContext) -> tuple[Plan, ModuleTree] | None:
    """Plan and tree where PEFT accepts the config on an exactly known model, else None."""
    plan, tree = context.plan, context.tree
    if plan is None or tree is None or plan.error is not None:
        return None
    return plan, tree


def under(name: str, parent: str) -> bool:
    """Whether a module is `parent` or inside of it."""
    return name == parent or name.startswith(f"{parent}.")


def counted(number: int, noun: str) -> str:
    """`1 module`, `3 modules`, `21,504 modules`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def be(number: int) -> str:
    """The verb for so many."""
    return "is" if number == 1 else "are"


def linear_groups(tree: ModuleTree) -> list[Group]:
    """All linear layers but the output head, folded."""
    head = tree.output_embeddings
    return [g for g in groups(tree, Splitter()) if g.node.kind in LINEAR and g.name != head]


def has_class(tree: ModuleTree, cls: str) -> bool:
    """Whether some module below the root is of the class (whole name) or of the kind."""
    return any(cls in (g.node.cls, g.node.kind) for g in groups(tree, Splitter()))


def linear_names(tree: ModuleTree, exclude: str | None) -> list[str]:
    """The last names of all linear layers outside `exclude`, an expression: the list that some
    tools make instead of passing "all-linear" (Setting.lists_linear).
    """
    out = re.compile(exclude) if exclude else None
    names = [g.name for g in linear_groups(tree) if g.node.kind == "Linear"]
    kept = [name for name in names if out is None or not out.fullmatch(name)]
    return list(dict.fromkeys(name.rpartition(".")[2] for name in kept))


def share(plan: Plan, tree: ModuleTree, *, towers: bool = True) -> Share:
    """How much of the model the plan reaches; vision and audio towers left out on wish."""
    head = tree.output_embeddings
    reached = [
        w.group
        for w in plan.wrapped
        if w.group.node.kind in LINEAR and w.parameter is None and w.group.name != head
    ]
    there = linear_groups(tree)
    if not towers:
        reached, there = ([g for g in part if _text(g)] for part in (reached, there))
    return Share(sum(g.count for g in reached), sum(g.count for g in there))


def _text(group: Group) -> bool:
    return component(group.template) not in ("vision", "audio")


def unreached(plan: Plan, tree: ModuleTree) -> list[Group]:
    """Linear layers, the head left out, that the plan neither wraps nor trains in full, folded."""
    done = {w.group.template for w in plan.wrapped} | {s.group.template for s in plan.saved}
    return [g for g in linear_groups(tree) if g.template not in done]


def counterparts(entry: str, tree: ModuleTree, among: list[Group]) -> list[str]:
    """Names that would reach what `entry` means in this model: by role first, by spelling second.

    `among` are the modules that may be suggested. Each name is the shortest suffix that hits only
    modules of its role.
    """
    wanted = role(entry)
    found = [g for g in among if fills(role(g.template), wanted)]
    if not found:
        found = _alike(entry, among)
    everything = groups(tree, Splitter())
    names: list[str] = []
    for group in found:
        others = [o for o in everything if o.node.kind is not None and _differs(o, group)]
        name = suffix(group, others)
        if name not in names:
            names.append(name)
    return names[:4]


def _differs(other: Group, group: Group) -> bool:
    return role(other.template) != role(group.template)


def _alike(entry: str, among: list[Group]) -> list[Group]:
    from difflib import get_close_matches

    *above, leaf = entry.split(".")
    if leaf.isdecimal():
        # A number inside of a block says nothing of its name: what is in a block of that name.
        named = next((part for part in reversed(above) if not part.isdecimal()), None)
        return [g for g in among if named in g.template.split(".")]
    leaves = {g.template.rpartition(".")[2]: g for g in among}
    slipped = [name for name in leaves if nearly(leaf, name)]
    if slipped:
        return [leaves[name] for name in slipped[:2]]
    small = {name.lower(): name for name in leaves}
    close = get_close_matches(leaf.lower(), list(small), n=2, cutoff=0.75)
    return [leaves[small[name]] for name in close]


def has(tree: ModuleTree, limit: int = 8) -> str:
    """The leaf names of the model's linear layers, as a phrase."""
    names = dict.fromkeys(g.template.rpartition(".")[2] for g in linear_groups(tree))
    names.pop("*", None)
    shown = ", ".join(f"`{n}`" for n in list(names)[:limit])
    return shown + (", …" if len(names) > limit else "")


def listed(names: list[str]) -> str:
    """`a`, `a` and `b`, `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def leaves_hit(name: str, among: list[Group]) -> bool:
    """Whether the plain name is the end of some module's name."""
    return any(g.template == name or g.template.endswith("." + name) for g in among)


def elsewhere(context: RuleContext, entry: str, field: str = "target_modules") -> tuple[str, ...]:
    """A note for every other transformers line on which the field's entry does match."""
    here = context.tree.transformers if context.tree else None
    return tuple(
        f"it matches on transformers {version}, where "
        f"{found.matched} module{'s have' if found.matched > 1 else ' has'} the name; "
        f"judged here: {here}"
        for version, plan in context.elsewhere
        for found in plan.matches_of(field)
        if found.entry == entry and found.matched
    )
