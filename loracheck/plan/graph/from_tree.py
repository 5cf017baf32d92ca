"""From a folded module tree to the mirror that the plan works on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.plan.config import releases
from loracheck.plan.matching.all_linear import is_shorthand
from loracheck.plan.matching.regexes import is_plain
from loracheck.trees.groups import Group, Splitter, groups, splitter

from .module_graph import Mod, Par

if TYPE_CHECKING:
    from loracheck.plan.config.lora_config import Lora
    from loracheck.trees.model import ModuleTree


def split_for(lora: Lora, tree: ModuleTree, every: bool = False) -> Splitter:
    """Which indices of a folded run the config can tell apart."""
    if every or lora.layer_replication or shares_across_runs(tree) or _by_number(lora, tree):
        return Splitter(every=True)
    names: list[str] = []
    patterns: list[str] = []
    for value in (lora.target_modules, lora.exclude_modules):
        if is_shorthand(value):
            continue
        if isinstance(value, str):
            patterns.append(value)
        else:
            names += _texts(value)
    names += _texts(lora.target_parameters)
    for value in (lora.modules_to_save, lora.rank_pattern, lora.alpha_pattern):
        for entry in _texts(value):
            (names if is_plain(entry) else patterns).append(entry)
    for entry in _texts(lora.layers_pattern):
        (names if is_plain(entry) else patterns).append(entry)
    names += _texts(lora.trainable_token_indices)
    if isinstance(lora.use_bdlora, dict):
        for key in ("target_modules_bd_a", "target_modules_bd_b"):
            names += _texts(lora.use_bdlora.get(key))
    names += [name for name in (tree.input_embeddings, tree.output_embeddings) if name]
    return splitter(names=names, patterns=patterns, numbers=_numbers(lora.layers_to_transform))


def _by_number(lora: Lora, tree: ModuleTree) -> bool:
    """Whether `all-linear` stands for last parts of names of which one is a number."""
    if not is_shorthand(lora.target_modules) or lora.has(releases.ALL_LINEAR_FULL_NAMES):
        return False
    linear = (g for g in groups(tree, splitter()) if g.node.kind in ("Linear", "Conv1D"))
    return any(group.name.rpartition(".")[2].isdecimal() for group in linear)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, (list, tuple, set, dict)) else []


def _numbers(value: Any) -> list[int]:
    """The layers that a value names; Python takes 1.0 for 1, too."""
    listed = isinstance(value, (list, tuple, set, frozenset, dict, range))
    items = list(value) if listed else [value]
    return [int(item) for item in items if isinstance(item, (int, float)) and item % 1 == 0]


def shares_across_runs(tree: ModuleTree) -> bool:
    """Whether a shared parameter or module stands inside a folded run.

    Then the members of the run are not alike, and every index is kept apart.
    """
    shared = [name for pair in (*tree.ties, *tree.aliases) for name in pair]
    return any(part.isdecimal() for name in shared for part in name.split("."))


def mirror(tree: ModuleTree, split: Splitter) -> tuple[Mod, list[tuple[str, Mod]]]:
    """The root of the mirror, and its modules under their names in `named_modules()` order."""
    root = Mod("", tree.root.kind, Group("", "", (), 1, tree.root, ()), tree.root)
    _own(root)
    found = {"": root}
    listed = [("", root)]
    for group in groups(tree, split):
        mod = Mod("", group.node.kind, group, group.node)
        _own(mod)
        parent, _, leaf = group.name.rpartition(".")
        found[parent].children[leaf] = mod
        found[group.name] = mod
        listed.append((group.name, mod))
    for name, first in tree.aliases:
        _alias(root, name, root.submodule(first))
    for name, first in tree.ties:
        _tie(root, name, first)
    return root, listed


def _own(mod: Mod) -> None:
    node, count = mod.node, mod.group.count
    if node is not None:
        for own in node.parameters:
            mod.pars[own.name] = Par(own.shape, count, dtype=own.dtype)


def _alias(root: Mod, name: str, target: Mod) -> None:
    parent, _, leaf = name.rpartition(".")
    root.submodule(parent).children[leaf] = target


def _tie(root: Mod, name: str, first: str) -> None:
    owner, _, own = name.rpartition(".")
    source, _, other = first.rpartition(".")
    root.submodule(owner).pars[own] = root.submodule(source).pars[other]
