"""One alternative of an expression in `target_modules` matches nothing while others do.

## What
A regular expression such as `.*\\.(q|k|v|o)_proj` in whose last group one of the names is no module
of this model, or such as `.*q_proj|v_proj`, one whole alternative of which matches nothing.

## Why
PEFT is content as soon as the expression matches anything, so a part that is dead is never seen: on
LFM2 the common expression for Llama reaches q, k and v alone, because its other layers have other
names. In `.*q_proj|v_proj` the second half would have to be a module's whole name.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "microsoft/Phi-3-mini-4k-instruct", "r": 16,
 "target_modules": ".*\\\\.(q_proj|k_proj|v_proj|o_proj)"}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "microsoft/Phi-3-mini-4k-instruct", "r": 16,
 "target_modules": ".*\\\\.(qkv_proj|o_proj)"}
```

## Fix
Write the names that the modules have in this model, or take the dead part out.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`check_target_module_exists`, `inject_adapter`), executed.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from loracheck.rules.support.linear_layers import (
    find_linear_layers,
    find_unreached_layers,
    measure_share,
)
from loracheck.rules.support.module_names import find_counterparts, is_end_of_any
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.trees.roles import component_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

CODE = "LC240"
NAME = "expression-part-dead"
SEVERITY = "warning"

_LAST_GROUP = re.compile(r"(\w*)(\((?:\?:)?)(\w+(?:\|\w+)+)\)(\w*)\)?\$?$")
_MOST = 30


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the names of the last group, or the alternatives of the whole expression, that
    reach nothing although layers of theirs are left out.
    """
    plan, tree = context.plan, context.tree
    value = context.setting.fields.get("target_modules")
    if plan is None or tree is None or plan.error is not None or not isinstance(value, str):
        return
    whole = _split_alternatives(value)
    if 1 < len(whole) <= _MOST and "target_modules" in context.setting.places:
        yield from _hits_for_alternatives(context, whole)
        return
    found = _LAST_GROUP.search(value)
    parts = found[3].split("|") if found else []
    if found is None or len(parts) > _MOST or "target_modules" not in context.setting.places:
        return
    left = find_unreached_layers(plan, tree)
    dead: dict[str, list[str]] = {}
    for part in parts:
        name = found[1] + part + found[4]
        one = value[: found.start(3)] + part + value[found.end(3) :]
        names = find_counterparts(name, tree, left)
        if names and not _reaches_anything(context, one):
            dead[name] = names
    if dead:
        instead = list(dict.fromkeys(name for names in dead.values() for name in names))
        yield Hit(
            f"{quote_names(list(dead))} in the expression "
            f"{'matches' if len(dead) == 1 else 'match'} no module of {tree.cls}",
            context.place("target_modules"),
            help=f"in this model it is {quote_names(instead[:6])}",
            field="target_modules",
            notes=(f"LoRA reaches {measure_share(plan, tree)}",),
        )


def _hits_for_alternatives(context: RuleContext, parts: list[str]) -> Iterator[Hit]:
    """A hit for each alternative that reaches nothing although layers of the name are left out."""
    plan, tree = context.plan, context.tree
    assert plan is not None  # check() has looked
    assert tree is not None
    left = find_unreached_layers(plan, tree)
    for part in parts:
        ends = re.findall(r"\w+", part)
        names = find_counterparts(ends[-1], tree, left) if ends else []
        if (
            names
            and not _others_reach_name(ends[-1], plan, tree)
            and not _reaches_anything(context, part)
        ):
            there = is_end_of_any(ends[-1], left)
            yield Hit(
                f"the alternative `{part}` matches no module of {tree.cls}",
                context.place("target_modules"),
                help=f"each side of `|` must match the whole module name: `.*\\.{ends[-1]}`"
                if there
                else f"in this model it is {quote_names(names)}",
                field="target_modules",
                notes=(f"LoRA reaches {measure_share(plan, tree)}",),
            )


def _others_reach_name(leaf: str, plan: Plan, tree: ModuleTree) -> bool:
    """Whether other alternatives reach every module of that name in the parts of the model where
    they reach any: Unsloth's expressions have one side for each way to name the text layers.
    """
    reached = _count_by_component(leaf, [w.group for w in plan.wrapped])
    there = _count_by_component(leaf, find_linear_layers(tree))
    return bool(reached) and all(number >= there[part] for part, number in reached.items())


def _count_by_component(leaf: str, among: list[Group]) -> Counter[str]:
    """How many modules of that name each part of the model has."""
    found: Counter[str] = Counter()
    for group in among:
        if group.template.rpartition(".")[2] == leaf:
            found[component_of(group.template)] += group.count
    return found


def _split_alternatives(expression: str) -> list[str]:
    """The parts of an expression between the `|` that are outside of all brackets."""
    parts, depth, escaped = [""], 0, False
    for char in expression:
        if char == "|" and not depth and not escaped:
            parts.append("")
            continue
        parts[-1] += char
        if not escaped:
            depth += (char in "([") - (char in ")]")
        escaped = char == "\\" and not escaped
    return parts


def _reaches_anything(context: RuleContext, expression: str) -> bool:
    from loracheck.plan import plan

    assert context.tree is not None  # check() has looked
    tried = plan(
        {**context.peft_keywords, "target_modules": expression}, context.tree, peft=context.peft
    )
    return tried is not None and tried.error is None and bool(tried.targeted)
