"""Expert layers that transformers 5 fuses: how PEFT rewrites a config written for the old names.

Source: PEFT 0.21.2, utils/transformers_weight_conversion.py `_convert_peft_config_moe`; the tables
come from there and from transformers' conversion_mapping (see tables.json).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.all_linear import all_linear, is_shorthand
from loracheck.plan.matching.match import TARGETED, Matcher
from loracheck.plan.peft_tables import tables

if TYPE_CHECKING:
    from loracheck.plan.config.lora_config import Lora
    from loracheck.plan.graph.module_graph import Mod
    from loracheck.trees.model import ModuleTree


def rewrite(lora: Lora, tree: ModuleTree, listed: list[tuple[str, Mod]]) -> dict[str, str]:
    """Rewrite the config in place. Returns the parameter each old target became.

    Raises RefusedError where only one of two fused projections is targeted.
    """
    table = tables()
    base = table["moe_models"].get(tree.model_type) if fuses(tree) else None
    if base is None:
        return {}
    mapping: dict[str, str] = table["moe_targets"][base]
    fused: dict[str, list[str]] = table["moe_fused"][base]
    if isinstance(lora.target_modules, str) and not lora.has(releases.MOE_RESOLVES_PATTERNS):
        lora.target_modules = dict.fromkeys(lora.target_modules)  # by character, as a set is made
    elif isinstance(lora.target_modules, str):
        resolved = _resolve(lora, tree, listed, mapping)
        if not resolved:
            return {}
        lora.target_modules = resolved
    for field in ("rank_pattern", "alpha_pattern"):
        if getattr(lora, field) is None:
            setattr(lora, field, {})
    parameters = dict.fromkeys(lora.target_parameters or ())
    rest, became = _sort(lora.target_modules or (), mapping)
    parameters.update(dict.fromkeys(became.values()))
    _fuse(lora, fused, {_old(target, mapping) for target in became})
    lora.target_parameters = parameters
    lora.target_modules = rest
    return became


def fuses(tree: ModuleTree) -> bool:
    """Whether the tree was built by a transformers release that fuses experts (5 and later)."""
    major = (tree.transformers or "").partition(".")[0]
    return major.isdecimal() and int(major) >= 5


def _old(target: str, mapping: dict[str, str]) -> str | None:
    for old in mapping:
        if target == old or str(target).endswith(f".{old}"):
            return old
    return None


def _sort(targets: Any, mapping: dict[str, str]) -> tuple[dict[str, None], dict[str, str]]:
    rest: dict[str, None] = {}
    became: dict[str, str] = {}
    for target in targets:
        old = _old(target, mapping)
        if old is None:
            rest[target] = None
        else:
            became[target] = mapping[old]
    return rest, became


def _fuse(lora: Lora, fused: dict[str, list[str]], present: set[str | None]) -> None:
    """Double rank and alpha of a fused pair; half a pair is an error."""
    for name, wanted in fused.items():
        there = [old for old in wanted if old in present]
        if there and len(there) < len(wanted):
            missing = ", ".join(sorted(set(wanted) - set(there)))
            raise RefusedError(
                "moe-half-of-fused-pair",
                "ValueError",
                f"Cannot convert PEFT target(s) {', '.join(sorted(there))} without also targeting "
                f"{missing} because they are fused into {name}.",
                "target_modules",
            )
        if there and len(wanted) > 1:
            key = rf".*\.{re.escape(name)}"
            lora.rank_pattern[key] = _times(lora.r, len(wanted), "r")
            lora.alpha_pattern[key] = _times(lora.lora_alpha, len(wanted), "lora_alpha")


def _times(value: Any, count: int, field: str) -> Any:
    try:
        return value * count
    except TypeError as error:
        raise RefusedError("wrong-type", "TypeError", str(error), field) from None


def _resolve(
    lora: Lora, tree: ModuleTree, listed: list[tuple[str, Mod]], mapping: dict[str, str]
) -> dict[str, None]:
    """`_resolve_string_target_modules`: the leaf names a pattern or the shorthand stands for."""
    if is_shorthand(lora.target_modules):
        found = {name.rpartition(".")[2]: None for name in all_linear(lora, tree, listed)}
        return {**found, **dict.fromkeys(mapping)}
    matcher = Matcher(lora)
    seen: set[int] = set()
    parameters: list[str] = []
    for name, mod in listed:
        for own, par in mod.pars.items():
            if id(par) not in seen:
                seen.add(id(par))
                parameters.append(f"{name}.{own}" if name else own)
    keys = [name for name, _ in listed] + parameters
    matched = dict.fromkeys(
        key.rpartition(".")[2] for key in keys if matcher.verdict(key) == TARGETED
    )
    for old, new in mapping.items():
        if old not in matched and _probe(matcher, parameters, old, new):
            matched[old] = None
    return matched


def _probe(matcher: Matcher, parameters: list[str], old: str, new: str) -> bool:
    """Whether the pattern matches the name a fused projection had before."""
    for name in parameters:
        container, _, leaf = name.rpartition(".")
        if leaf == new and matcher.verdict(f"{container}.{old}") == TARGETED:
            return True
    return False
