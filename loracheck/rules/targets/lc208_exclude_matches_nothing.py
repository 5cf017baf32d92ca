"""An `exclude_modules` entry that keeps nothing out.

## What
An entry that matches no module that would otherwise be targeted: a misspelt name, or the name of a
container (`vision_tower`, `mlp`) whose children PEFT does not exclude.

## Why
A list entry is compared with the end of each module's own name. The container counts as excluded,
its layers do not, so PEFT does not even warn. A pattern such as `.*vision_tower.*` works.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": "all-linear",
 "exclude_modules": ["mlp"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": "all-linear",
 "exclude_modules": ".*\\\\.mlp\\\\..*"}
```

## Fix
Write a pattern for what is inside the container, as the finding shows, or take the entry out.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`check_target_module_exists`, `inject_adapter`), executed.
"""

from __future__ import annotations

import re

from loracheck.rules.support.plan_errors import UNSUPPORTED_MODULE
from loracheck.rules.types import Hit, Repeat
from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.roles import get_component
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan, PlanError
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC208"
NAME = "exclude-matches-nothing"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every entry without effect on the targeted modules."""
    if context.setting.behaviour.selection is not None:
        from loracheck.rules.support.selected_layers import find_idle_filter_hits

        yield from find_idle_filter_hits(context)
        return
    plan = context.plan
    if plan is None or context.tree is None or "exclude_modules" not in context.setting.places:
        return  # a tool's own exclusions are the same for every model
    if plan.error is not None:
        yield from _check_refused_module(context, plan.error)
        return
    for reach in plan.entry_matches:
        if reach.field == "exclude_modules" and not reach.effect:
            entry = str(reach.entry)
            inside = _count_inside(plan, entry) if reach.matched else 0
            yield Hit(
                f"`{entry}` keeps no targeted module out",
                context.entry_place("exclude_modules", reach.entry),
                help=f"to exclude what is inside, use '.*\\.{re.escape(entry)}\\..*'"
                if inside
                else None,
                field="exclude_modules",
                notes=(f"{inside} modules below it are wrapped",) if inside else (),
                severity="note" if _names_absent_tower(entry, context.tree) else None,
                repeat=Repeat("keep no targeted module out", subject=f"`{entry}`"),
            )


def _check_refused_module(context: RuleContext, error: PlanError) -> Iterator[Hit]:
    """One hit for the name of a part of the model that keeps the module which PEFT refuses in it
    from nothing: a name means the part alone, an expression must match the whole name.
    """
    value, module = context.value("exclude_modules"), f".{error.module}."
    if error.code not in UNSUPPORTED_MODULE or not isinstance(value, (str, list, tuple)):
        return
    is_list = not isinstance(value, str)
    words = re.split(r"[()|]+", value) if isinstance(value, str) else [str(part) for part in value]
    for word in dict.fromkeys(words):
        if re.fullmatch(r"\w+(?:\.\w+)*", word) and f".{word}." in module:
            start = "" if module.startswith(f".{word}.") else ".*\\."
            yield Hit(
                f"`{word}` does not keep `{error.module}` out, which is inside of it",
                context.entry_place("exclude_modules", word)
                if is_list
                else context.place("exclude_modules"),
                help=f"to exclude what is inside, use '{start}{re.escape(word)}\\..*'",
                field="exclude_modules",
            )


def _count_inside(plan: Plan, entry: str) -> int:
    return sum(w.group.count for w in plan.wrapped if f".{entry}." in f".{w.group.name}")


def _names_absent_tower(entry: str, tree: ModuleTree) -> bool:
    """Whether the entry excludes a vision or audio tower that this model does not have, as a line
    shared by many configs does.
    """
    part = get_component(entry)
    return part in ("vision", "audio") and all(
        get_component(g.template) != part for g in group_modules(tree, Splitter())
    )
