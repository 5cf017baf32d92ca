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

from loracheck.named_tuple import NamedTuple
from loracheck.rules.support.linear_layers import (
    find_linear_layers,
    find_unreached_layers,
    measure_share,
)
from loracheck.rules.support.module_names import find_counterparts
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.trees.roles import get_component
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Severity
    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

CODE = "LC240"
NAME = "expression-part-dead"
SEVERITY = "warning"

_NAME = r"[\w.\\]+"
_LAST_GROUP = rf"(\w*)(\((?:\?:)?)({_NAME}(?:\|{_NAME})+)\)(\w*)\)?\$?$"
_MOST = 30


class Part(NamedTuple):
    """One of the names of a group, or one alternative of an expression."""

    text: str
    """As it stands in the expression."""

    name: str
    """The module name that it ends in."""

    alone: str
    """The expression with this part alone."""

    without: str
    """The expression without this part."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the names of the last group, and one for each alternative of the whole
    expression, that match nothing: a note where no layer of theirs is left out.
    """
    plan, tree = context.plan, context.tree
    value = context.setting.fields.get("target_modules")
    if plan is None or tree is None or plan.error is not None or not isinstance(value, str):
        return
    if "target_modules" not in context.setting.places or context.setting.behaviour.parts:
        return  # an expression that a tool made of a list: LC202 speaks of the list's entries
    if "target_modules" in context.setting.behaviour.planned:  # the tool adds a part of its own
        plan = _plan_for(context, value)
        if plan is None or plan.error is not None:
            return
    whole = _split_alternatives(value)
    if 1 < len(whole) <= _MOST:
        yield from _check_alternatives(context, plan, tree, whole)
        return
    dead = [part for part in _split_last_group(value) if _is_dead(context, plan, part)]
    unreached = find_unreached_layers(plan, tree) if dead else []
    names = {part.name: find_counterparts(part.name, tree, unreached) for part in dead}
    replaceable = [name for name, instead in names.items() if instead]
    if replaceable:
        instead = list(dict.fromkeys(one for name in replaceable for one in names[name]))
        yield _build_hit(
            context, plan, replaceable, f"in this model it is {quote_names(instead[:6])}"
        )
    unused = [name for name, instead in names.items() if not instead]
    if unused:
        yield _build_hit(context, plan, unused, "remove it", severity="note")


def _build_hit(
    context: RuleContext,
    plan: Plan,
    names: list[str],
    help: str,
    *,
    severity: Severity | None = None,
) -> Hit:
    """The hit for names of the last group."""
    tree = context.tree
    assert tree is not None  # check() has looked
    verb = "matches" if len(names) == 1 else "match"
    return Hit(
        f"{quote_names(names)} in the expression {verb} no module of {tree.cls}",
        context.place("target_modules"),
        help=help.replace("it", "them") if len(names) > 1 and severity else help,
        field="target_modules",
        notes=() if severity else (f"LoRA reaches {measure_share(plan, tree)}",),
        severity=severity,
    )


def _split_last_group(value: str) -> list[Part]:
    """The names of the group that ends the expression; none where it does not end in one."""
    last_group = re.search(_LAST_GROUP, value) if "|" in value else None
    names = last_group[3].split("|") if last_group else []
    if last_group is None or len(names) > _MOST:
        return []
    before, after = value[: last_group.start(3)], value[last_group.end(3) :]
    return [
        Part(
            name,
            (last_group[1] + name + last_group[4]).replace("\\", ""),
            before + name + after,
            before + "|".join(names[:at] + names[at + 1 :]) + after,
        )
        for at, name in enumerate(names)
    ]


def _check_alternatives(
    context: RuleContext, plan: Plan, tree: ModuleTree, texts: list[str]
) -> Iterator[Hit]:
    """A hit for each alternative that matches nothing, unless others reach what it names."""
    unreached = find_unreached_layers(plan, tree)
    for at, text in enumerate(texts):
        ends = re.findall(r"\w+", text)
        part = Part(text, ends[-1] if ends else "", text, "|".join(texts[:at] + texts[at + 1 :]))
        if not ends or not _is_dead(context, plan, part):
            continue
        if _is_reached_by_others(part.name, plan, tree):
            continue
        names = find_counterparts(part.name, tree, unreached)
        free = rf".*\.{text}"
        if _reaches_anything(context, free):
            help_ = f"each side of `|` must match the whole module name: `{free}`"
        else:
            help_ = f"in this model it is {quote_names(names)}" if names else "remove it"
        yield Hit(
            f"the alternative `{text}` matches no module of {tree.cls}",
            context.place("target_modules"),
            help=help_,
            field="target_modules",
            notes=(f"LoRA reaches {measure_share(plan, tree)}",),
            severity="note" if help_ == "remove it" else None,
        )


def _is_dead(context: RuleContext, plan: Plan, part: Part) -> bool:
    """Whether a part matches nothing and the rest does the same without it. PEFT wants both names
    of a fused pair of experts, though no module has either (0.21.2,
    peft/utils/transformers_weight_conversion.py: "Cannot convert PEFT target(s) ...").
    """
    if _reaches_anything(context, part.alone):
        return False
    rest = _plan_for(context, part.without)
    return rest is not None and rest.error is None and rest.targeted == plan.targeted


def _is_reached_by_others(leaf: str, plan: Plan, tree: ModuleTree) -> bool:
    """Whether other alternatives reach every module of that name in the parts of the model where
    they reach any: Unsloth's expressions have one side for each way to name the text layers.
    """
    reached = _count_by_component(leaf, [w.group for w in plan.wrapped])
    there = _count_by_component(leaf, find_linear_layers(tree))
    return bool(reached) and all(number >= there[part] for part, number in reached.items())


def _count_by_component(leaf: str, among: list[Group]) -> Counter[str]:
    """How many modules of that name each part of the model has."""
    counts: Counter[str] = Counter()
    for group in among:
        if group.template.rpartition(".")[2] == leaf:
            counts[get_component(group.template)] += group.count
    return counts


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
    plan = _plan_for(context, expression)
    return plan is not None and plan.error is None and bool(plan.targeted)


def _plan_for(context: RuleContext, expression: str) -> Plan | None:
    """The plan with another expression."""
    from loracheck.plan import plan

    assert context.tree is not None  # check() has looked
    return plan(
        {**context.peft_keywords, "target_modules": expression}, context.tree, peft=context.peft
    )
