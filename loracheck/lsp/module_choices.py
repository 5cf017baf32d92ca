"""The names that a field about modules may hold for one model, with what each reaches."""

from __future__ import annotations

from collections import Counter

from loracheck.named_tuple import NamedTuple
from loracheck.reporters.tree import WRAPPABLE
from loracheck.rules.support.linear_layers import LINEAR_KINDS
from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

TARGETS = frozenset({"target_modules", "exclude_modules", "rank_pattern", "alpha_pattern"})
"""Fields that name modules which LoRA can wrap."""

WHOLE = frozenset({"modules_to_save"})
"""Fields that name any module with parameters."""


class ModuleName(NamedTuple):
    """A last part of modules' names."""

    name: str
    modules: int
    kinds: tuple[str, ...]
    """The classes of the modules, the most frequent first."""

    parameters: int
    """Elements of all their own parameters."""


def list_module_names(tree: ModuleTree, field: str) -> list[ModuleName]:
    """The names for a field, in the model's order, linear layers first; none for a field that names
    no modules.
    """
    if field not in TARGETS | WHOLE:
        return []
    kinds: dict[str, Counter[str]] = {}
    linear: set[str] = set()
    sizes: Counter[str] = Counter()
    for group in group_modules(tree, Splitter()):
        leaf = group.name.rpartition(".")[2]
        fits = group.node.kind in WRAPPABLE if field in TARGETS else bool(group.node.parameters)
        if fits and not leaf.isdecimal():
            kinds.setdefault(leaf, Counter())[group.node.class_name] += group.count
            linear |= {leaf} if group.node.kind in LINEAR_KINDS else set()
            sizes[leaf] += group.count * sum(p.size for p in group.node.parameters)
    return [
        ModuleName(
            leaf,
            kinds[leaf].total(),
            tuple(kind for kind, _ in kinds[leaf].most_common()),
            sizes[leaf],
        )
        for leaf in sorted(kinds, key=lambda leaf: leaf not in linear)
    ]
