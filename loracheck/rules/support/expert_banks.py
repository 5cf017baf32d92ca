"""Routed experts that a model holds as parameters of one module, not as linear layers."""

from __future__ import annotations

from loracheck.trees.groups import Group, Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

EXPERT_ROLES = frozenset({"gate", "up", "down", "gate_up"})
"""Roles (`loracheck.trees.roles`) of the layers that experts are made of."""


def find_expert_banks(tree: ModuleTree) -> dict[str, Group]:
    """The modules that hold routed experts as parameters of three dimensions, by name template."""
    return {
        g.template: g
        for g in group_modules(tree, Splitter())
        if "expert" in g.template.rpartition(".")[2]
        and any(len(p.shape) == 3 for p in g.node.parameters)
    }


def collect_parameters(banks: dict[str, Group]) -> list[str]:
    """The banks' parameters as entries of target_parameters."""
    names: list[str] = []
    for template, group in banks.items():
        tail = ".".join(p for p in template.split(".")[-2:] if p != "*")
        names += [f"{tail}.{p.name}" for p in group.node.parameters if len(p.shape) == 3]
    return list(dict.fromkeys(names))
