"""A `rank_pattern` or `alpha_pattern` key that changes nothing.

## What
A key that matches none of the wrapped modules, or that is always preceded by an earlier key.

## Why
PEFT looks for the first key that matches a module's name at its end; the rest is never used. Since
0.21 it warns about keys that match nothing, before that never; about keys that another one hides it
never does. Seen in huggingface/peft issue 3582.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "rank_pattern": {"k_proj": 16}}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "rank_pattern": {"v_proj": 16}}
```

## Fix
Give the key the name of a wrapped module, and put the more special of two keys first.

## Source
PEFT 0.21.2 `utils/other.py` (`get_pattern_key`), executed.
"""

from __future__ import annotations

import re

from loracheck.rules.support.linear_layers import find_unreached_layers
from loracheck.rules.types import Hit, Repeat
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan, WrappedModule
    from loracheck.rules.context import RuleContext

CODE = "LC210"
NAME = "pattern-key-dead"
SEVERITY = "error"
FIELDS = frozenset({"rank_pattern", "alpha_pattern"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every key without effect."""
    plan = context.plan
    if plan is None or plan.error is not None:
        return
    for reach in plan.entry_matches:
        if reach.field in FIELDS and not reach.effect:
            key = str(reach.entry)
            hidden, inside = _match_key(plan, key)
            yield Hit(
                f"`{reach.entry}` is never used: an earlier key matches first"
                if hidden
                else f"`{reach.entry}` matches no module that LoRA wraps",
                context.entry_place(reach.field, reach.entry),
                help="put the more special key before the general one"
                if hidden
                else inside
                or _build_help_for_untargeted(context, plan, key)
                or _suggest_nearest_module(plan, key),
                field=reach.field,
                key=True,
                repeat=Repeat(
                    "are never used: an earlier key matches first"
                    if hidden
                    else "match no module that LoRA wraps",
                    subject=f"`{reach.entry}`",
                ),
            )


def _build_help_for_untargeted(context: RuleContext, plan: Plan, key: str) -> str | None:
    """The help for a key that names linear layers which are no targets."""
    from loracheck.plan.errors import RefusedError
    from loracheck.plan.matching.regexes import compile_last_part

    try:
        test = compile_last_part(key, "rank_pattern")
    except RefusedError:
        return None
    if context.tree is None or not any(
        test(g.name) for g in find_unreached_layers(plan, context.tree)
    ):
        return None
    return f"the model has `{key}`, which is no target: name it in target_modules, or drop the key"


def _suggest_nearest_module(plan: Plan, key: str) -> str | None:
    """The wrapped module of the same layer whose name, or its end, is most like the key."""
    from difflib import get_close_matches

    depth = key.count(".") + 1
    ends = {
        ".".join(name.split(".")[-depth:]) for w in plan.wrapped for name in _list_first_names(w)
    }
    numbers = re.findall(r"\d+", key)
    matches = get_close_matches(key, sorted(n for n in ends if re.findall(r"\d+", n) == numbers), 1)
    return f"did you mean `{matches[0]}`?" if matches else None


def _list_first_names(wrapped: WrappedModule) -> list[str]:
    """The first hundred names of a group."""
    from itertools import islice

    return list(islice(wrapped.names(), 100))


def _match_key(plan: Plan, key: str) -> tuple[bool, str | None]:
    """Whether wrapped modules match the key, and the help where modules below its match are
    meant.
    """
    from loracheck.plan.errors import RefusedError
    from loracheck.plan.matching.regexes import compile_last_part

    try:
        test, below = (
            compile_last_part(key, "rank_pattern"),
            compile_last_part(rf"{key}\..*", "rank_pattern"),
        )
        if any(test(_get_matched_name(w)) for w in plan.wrapped):
            return True, None
        count = sum(w.group.count for w in plan.wrapped if below(_get_matched_name(w)))
        weights = any(w.parameter and below(_get_matched_name(w)) for w in plan.wrapped)
    except RefusedError:  # another rule says so
        return True, None
    if not count:
        return False, None
    inside = "weights" if weights else "modules"
    return False, f"for the {count} wrapped {inside} inside it write '{key}\\..*'"


def _get_matched_name(wrapped: WrappedModule) -> str:
    """What PEFT holds a key against: of a target parameter, the module's name and its own."""
    name = wrapped.group.name
    return f"{name}.{wrapped.parameter}" if wrapped.parameter else name
