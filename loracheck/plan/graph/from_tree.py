"""From a folded module tree to the graph of modules that the simulation changes."""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.matching.all_linear import is_shorthand
from loracheck.plan.matching.regexes import is_plain
from loracheck.trees.groups import Group, Splitter, group_modules, make_splitter
from loracheck.type_checking import TYPE_CHECKING

from .module_graph import Module, Parameter

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.trees.model import ModuleTree


def choose_splitter(config: EffectiveConfig, tree: ModuleTree, every: bool = False) -> Splitter:
    """Which indices of a folded run the config can tell apart."""
    if (
        every
        or config.layer_replication
        or shares_across_runs(tree)
        or _targets_numbers(config, tree)
    ):
        return Splitter(every=True)
    names: list[str] = []
    patterns: list[str] = []
    for value in (config.target_modules, config.exclude_modules):
        if is_shorthand(value):
            continue
        if isinstance(value, str):
            patterns.append(value)
        else:
            names += _list_texts(value)
    names += _list_texts(config.target_parameters)
    for value in (config.modules_to_save, config.rank_pattern, config.alpha_pattern):
        for entry in _list_texts(value):
            (names if is_plain(entry) else patterns).append(entry)
    for entry in _list_texts(config.layers_pattern):
        (names if is_plain(entry) else patterns).append(entry)
    names += _list_texts(config.trainable_token_indices)
    if isinstance(config.use_bdlora, dict):
        for key in ("target_modules_bd_a", "target_modules_bd_b"):
            names += _list_texts(config.use_bdlora.get(key))
    names += [name for name in (tree.input_embeddings, tree.output_embeddings) if name]
    return make_splitter(
        names=names, patterns=patterns, numbers=_list_layer_numbers(config.layers_to_transform)
    )


def _targets_numbers(config: EffectiveConfig, tree: ModuleTree) -> bool:
    """Whether `all-linear` stands for last parts of names of which one is a number."""
    if not is_shorthand(config.target_modules) or config.has(releases.ALL_LINEAR_FULL_NAMES):
        return False
    linear = (
        g for g in group_modules(tree, make_splitter()) if g.node.kind in ("Linear", "Conv1D")
    )
    return any(group.name.rpartition(".")[2].isdecimal() for group in linear)


def _list_texts(value: Value) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, (list, tuple, set, dict)) else []


def _list_layer_numbers(value: Any) -> list[int]:
    """The layers that a value names; Python takes 1.0 for 1, too."""
    is_list = isinstance(value, (list, tuple, set, frozenset, dict, range))
    items = list(value) if is_list else [value]
    return [int(item) for item in items if isinstance(item, (int, float)) and item % 1 == 0]


def shares_across_runs(tree: ModuleTree) -> bool:
    """Whether a shared parameter or module stands inside a folded run.

    Then the members of the run are not alike, and every index is kept apart.
    """
    shared = [name for pair in (*tree.ties, *tree.aliases) for name in pair]
    return any(part.isdecimal() for name in shared for part in name.split("."))


def build_module_graph(
    tree: ModuleTree, split: Splitter
) -> tuple[Module, list[tuple[str, Module]]]:
    """The root of the graph, and its modules under their names in `named_modules()` order."""
    root = Module("", tree.root.kind, Group("", "", (), 1, tree.root, ()), tree.root)
    _add_parameters(root)
    modules_by_name = {"": root}
    modules = [("", root)]
    for group in group_modules(tree, split):
        module = Module("", group.node.kind, group, group.node)
        _add_parameters(module)
        parent, _, leaf = group.name.rpartition(".")
        modules_by_name[parent].children[leaf] = module
        modules_by_name[group.name] = module
        modules.append((group.name, module))
    for name, first in tree.aliases:
        _add_alias(root, name, root.get_submodule(first))
    for name, first in tree.ties:
        _share_parameter(root, name, first)
    return root, modules


def _add_parameters(module: Module) -> None:
    node, count = module.node, module.group.count
    if node is not None:
        for parameter in node.parameters:
            module.parameters[parameter.name] = Parameter(
                parameter.shape, count, dtype=parameter.dtype
            )


def _add_alias(root: Module, name: str, target: Module) -> None:
    parent, _, leaf = name.rpartition(".")
    root.get_submodule(parent).children[leaf] = target


def _share_parameter(root: Module, name: str, first: str) -> None:
    owner, _, parameter_name = name.rpartition(".")
    source, _, other = first.rpartition(".")
    root.get_submodule(owner).parameters[parameter_name] = root.get_submodule(source).parameters[
        other
    ]
