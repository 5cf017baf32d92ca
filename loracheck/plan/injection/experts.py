"""Expert layers that transformers 5 fuses: how PEFT rewrites a config written for the old names.

Source: PEFT 0.21.2, utils/transformers_weight_conversion.py `_convert_peft_config_moe`; the tables
come from there and from transformers' conversion_mapping (see tables.json).
"""

from __future__ import annotations

import re

from loracheck.plan.config import releases
from loracheck.plan.config.module_lists import list_entries, remove_duplicates
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.all_linear import expand_all_linear, is_shorthand
from loracheck.plan.matching.match import TARGETED, Matcher
from loracheck.plan.peft_tables import load_tables
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from loracheck.documents.values import Table, Value
    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.graph.module_graph import Module
    from loracheck.trees.model import ModuleTree


def rewrite_targets(
    config: EffectiveConfig, tree: ModuleTree, named_modules: list[tuple[str, Module]]
) -> dict[str, str]:
    """Rewrite the config in place. Returns the parameter each old target became.

    Raises RefusedError where only one of two fused projections is targeted.
    """
    table = load_tables()
    base = find_conversion_type(tree)
    if base not in table["moe_fused"]:
        return {}
    mapping: dict[str, str] = table["moe_targets"][base]
    fused: dict[str, list[str]] = table["moe_fused"][base]
    if isinstance(config.target_modules, str) and not config.has(releases.MOE_RESOLVES_PATTERNS):
        # by character, as a set is made
        config.target_modules = remove_duplicates(config.target_modules, "target_modules")
    elif isinstance(config.target_modules, str):
        resolved = _resolve_names(config, tree, named_modules, mapping)
        if not resolved:
            return {}
        config.target_modules = resolved
    if config.rank_pattern is None:
        config.rank_pattern = {}
    if config.alpha_pattern is None:
        config.alpha_pattern = {}
    rest, replaced = _split_targets(list_entries(config.target_modules), mapping)
    parameters = [*list_entries(config.target_parameters), *replaced.values()]
    _fuse_pairs(config, fused, {_find_old_name(target, mapping) for target in replaced})
    config.target_parameters = remove_duplicates(parameters, "target_parameters")
    config.target_modules = rest
    return replaced


def find_conversion_type(tree: ModuleTree) -> str | None:
    """The model type whose conversion PEFT follows for the tree's; None where it converts nothing.

    transformers says so, release by release; PEFT puts in what it says itself for some types, where
    transformers converts them at all.
    """
    conversion: str | None = dict(tree.extra).get("conversion")
    types: dict[str, str] = load_tables()["moe_own"]
    return types.get(tree.model_type or "", conversion) if conversion is not None else None


def _find_old_name(target: Value, mapping: dict[str, str]) -> str | None:
    for old in mapping:
        if target == old or str(target).endswith(f".{old}"):
            return old
    return None


def _split_targets(
    targets: Iterable[Value], mapping: dict[str, str]
) -> tuple[Table, dict[Any, str]]:
    """The targets that stay, and those that are old names with the parameter each became."""
    rest: Table = {}
    replaced: dict[Any, str] = {}
    for target in targets:
        old = _find_old_name(target, mapping)
        if old is None:
            rest[target] = None
        else:
            replaced[target] = mapping[old]
    return rest, replaced


def _fuse_pairs(
    config: EffectiveConfig, fused: dict[str, list[str]], present: set[str | None]
) -> None:
    """Double rank and alpha of a fused pair; half a pair is an error."""
    for name, parts in fused.items():
        there = [old for old in parts if old in present]
        if there and len(there) < len(parts):
            missing = ", ".join(sorted(set(parts) - set(there)))
            raise RefusedError(
                "moe-half-of-fused-pair",
                "ValueError",
                f"Cannot convert PEFT target(s) {', '.join(sorted(there))} without also targeting "
                f"{missing} because they are fused into {name}.",
                "target_modules",
            )
        if there and len(parts) > 1:
            key = rf".*\.{re.escape(name)}"
            _set_multiple(config, "rank_pattern", key, "r", len(parts))
            _set_multiple(config, "alpha_pattern", key, "lora_alpha", len(parts))


def _set_multiple(config: EffectiveConfig, pattern: str, key: str, field: str, count: int) -> None:
    """Put a multiple of the field's value under a new key of the pattern, as Python multiplies."""
    patterns, value = config.get(pattern), config.get(field)
    if not isinstance(value, (int, float, str, bytes, list, tuple)):
        text = f"unsupported operand type(s) for *: '{type(value).__name__}' and 'int'"
        raise RefusedError("wrong-type", "TypeError", text, field)
    if not isinstance(patterns, dict):
        text = f"'{type(patterns).__name__}' object does not support item assignment"
        raise RefusedError("wrong-type", "TypeError", text, pattern)
    patterns[key] = value * count


def _resolve_names(
    config: EffectiveConfig,
    tree: ModuleTree,
    named_modules: list[tuple[str, Module]],
    mapping: dict[str, str],
) -> dict[str, Value]:
    """`_resolve_string_target_modules`: the leaf names a pattern or the shorthand stands for."""
    if is_shorthand(config.target_modules):
        names = {
            name.rpartition(".")[2]: None for name in expand_all_linear(config, tree, named_modules)
        }
        return {**names, **dict.fromkeys(mapping)}
    matcher = Matcher(config)
    seen: set[int] = set()
    parameters: list[str] = []
    for name, module in named_modules:
        for parameter_name, parameter in module.parameters.items():
            if id(parameter) not in seen:
                seen.add(id(parameter))
                parameters.append(f"{name}.{parameter_name}" if name else parameter_name)
    keys = [name for name, _ in named_modules] + parameters
    matched = dict.fromkeys(
        key.rpartition(".")[2] for key in keys if matcher.classify(key) == TARGETED
    )
    for old, new in mapping.items():
        if old not in matched and _matches_old_name(matcher, parameters, old, new):
            matched[old] = None
    return matched


def _matches_old_name(matcher: Matcher, parameters: list[str], old: str, new: str) -> bool:
    """Whether the pattern matches the name a fused projection had before."""
    for name in parameters:
        container, _, leaf = name.rpartition(".")
        if leaf == new and matcher.classify(f"{container}.{old}") == TARGETED:
            return True
    return False
