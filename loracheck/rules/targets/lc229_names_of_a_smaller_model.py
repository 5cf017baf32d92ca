"""Targets written out by full name cover the first layers only.

## What
`target_modules` lists full module names (as PEFT writes them after `all-linear`), and the layers in
them end before the model's do.

## Why
A config that was expanded for a smaller model, or saved from one, is applied to a larger one: full
names reach exactly what they name. A two-layer model's list on a four-layer model adapts half of
it. If only the first layers were meant, it is right; hence a note.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.q_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"]}
```

## Fix
Write endings such as `q_proj`, which reach every layer, or the string `all-linear`.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`_maybe_include_all_linear_layers` writes the names into the
config), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.linear_layers import measure_share
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import WrappedModule
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC229"
NAME = "names-of-a-smaller-model"
SEVERITY = "note"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where full names reach layers 0 to k and the model has more."""
    plan_and_tree, value = find_accepted_plan(context), context.value("target_modules")
    if plan_and_tree is None or not isinstance(value, (list, tuple, set)) or len(value) < 2:
        return
    plan, tree = plan_and_tree
    full = {e for e in value if isinstance(e, str) and any(p.isdecimal() for p in e.split("."))}
    # A layer tied to a target is wrapped through no entry of its own.
    modules = [w for w in plan.wrapped if w.parameter is None and w.entries]
    wrapped = [w for w in modules if full.issuperset(w.entries)]
    reached = {
        index for w in wrapped if tree.find(w.entries[0]) for index in _collect_reached_layers(w)
    }
    last = max(reached, default=-1)
    if len(reached) < 2 or reached != set(range(last + 1)):
        return
    there = _find_last_layer(wrapped[0], tree)
    if there > last:
        yield Hit(
            f"the full names cover layers 0 to {last}, and {tree.cls} has layers up to {there}",
            context.place("target_modules"),
            help="endings such as `q_proj` reach every layer",
            field="target_modules",
            notes=(f"LoRA reaches {measure_share(plan, tree)}",),
        )


def _place(wrapped: WrappedModule) -> int | None:
    parts = wrapped.group.name.split(".")
    return next((i for i, p in enumerate(parts) if p.isdecimal()), None)


def _collect_reached_layers(wrapped: WrappedModule) -> set[int]:
    place, shape = _place(wrapped), wrapped.group.template.split(".")
    if place is None:
        return set()
    if shape[place] == "*":
        return set(wrapped.group.indices[0])
    return {int(shape[place])}


def _find_last_layer(wrapped: WrappedModule, tree: ModuleTree) -> int:
    """The highest index of the list of layers that the module stands in."""
    place = _place(wrapped) or 0
    layers = tree.find(".".join(wrapped.group.name.split(".")[:place]))
    children = layers.children if layers is not None else ()
    numbers = [i for c in children for i in (c.indices or [int(c.name or 0)])]
    return max(numbers, default=0)
