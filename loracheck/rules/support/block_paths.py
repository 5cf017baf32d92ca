"""Whole paths inside a block (`self_attn.q_proj`), by which a tool with LoRA layers of its own
chooses modules, held against the model (`Behaviour.own_names`).

A path is dead for certain where a name in it is none that a module of the model has, nor one of the
tool's own module of that type. How the names lie in each other is not asked: a block without
experts has them elsewhere than one with.
"""

from __future__ import annotations

import json
import re

from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

from .linear_layers import LINEAR_KINDS
from .module_names import find_counterparts

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

_INSIDE_BLOCK = re.compile(r"(?:^|.*?\.)\d+\.(.+)")
_PATH = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)+")
"""A path inside a block: one with a number in it goes from the model itself."""


def find_dead_paths(context: RuleContext, paths: list[str]) -> dict[str, list[str]]:
    """The paths that no module has, each with the paths of the modules that do its work in this
    model; none where the model, or how the tool calls its modules, is not known.
    """
    tree = context.tree
    names = _load_own_names(context.setting.behaviour.own_names, tree.model_type) if tree else None
    if tree is None or names is None:
        return {}
    part_names = names.union(*(module.name.split(".") for module in tree.modules()))
    return {
        path: _find_counterparts(path, tree)
        for path in paths
        if _PATH.fullmatch(path) and not part_names.issuperset(path.split("."))
    }


def _get_path(name: str) -> str | None:
    """The path inside the outermost block; None for what lies in no block."""
    match = _INSIDE_BLOCK.fullmatch(name)
    return match[1] if match else None


def _load_own_names(file: str, model_type: str | None) -> frozenset[str] | None:
    with open(file, encoding="utf-8") as stream:
        names = json.load(stream).get(model_type)
    return None if names is None else frozenset(names)


def _find_counterparts(path: str, tree: ModuleTree) -> list[str]:
    """The paths of the linear layers that do in this model what the path's last name means."""
    layers = [
        group
        for group in group_modules(tree, Splitter())
        if group.node.kind in LINEAR_KINDS and _get_path(group.name)
    ]
    names = find_counterparts(path.rpartition(".")[2], tree, layers)
    paths = (
        _get_path(group.name)
        for name in names
        for group in layers
        if group.template == name or group.template.endswith(f".{name}")
    )
    return list(dict.fromkeys(path for path in paths if path))
