"""`layers_to_transform` means other layers than it seems.

## What
The numbers count in several towers at once (encoder and decoder, vision and text), or modules are
wrapped that the numbers do not restrict: targets written as full names, and `target_modules` left
out where PEFT's default for the model type is a regular expression.

## Why
PEFT compares the number with the first index in each module's name, whatever list of layers it
belongs to; `[0]` on T5 is encoder layer 0 and decoder layer 0. Full names and regular expressions
are matched before the layers are looked at. Before PEFT 0.20 it is the last index, which in
`layers.1.mlp.experts.0.up_proj` is the expert's (huggingface/peft issue 3016). None of it is
reported.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "google/t5-v1_1-xxl", "r": 8,
 "target_modules": ["q", "v"], "layers_to_transform": [0, 1]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "google/t5-v1_1-xxl", "r": 8,
 "target_modules": "decoder\\\\.block\\\\.[01]\\\\..*\\\\.(q|v)"}
```

## Fix
Write `target_modules` as a regular expression that names the tower and the layers.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`check_target_module_exists`,
`LoraModel._prepare_adapter_config`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.phrases import count_noun, describe_example, is_or_are, quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan, WrappedModule
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC217"
NAME = "layers-reach-more"
SEVERITY = "note"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each way in which modules outside of the chosen layers are wrapped."""
    plan_and_tree = find_accepted_plan(context)
    layers = context.value("layers_to_transform")
    if plan_and_tree is None or layers in (None, []) or not isinstance(layers, (int, list, tuple)):
        return
    plan = plan_and_tree[0]
    indices = [layers] if isinstance(layers, int) else layers
    numbers = {number for number in indices if isinstance(number, int)}
    modules = [w for w in plan.wrapped if w.parameter is None]
    if context.value("target_modules") is None and plan.list_matches("target_modules"):
        yield from _check_default_layers(context, plan, modules, numbers)
        return
    towers = list(dict.fromkeys(t for w in modules if (t := _find_tower(w))))
    if len(towers) > 1:
        yield Hit(
            f"the layer numbers count in {quote_names(towers[:4])} alike",
            context.place("layers_to_transform"),
            help="if one was meant, write target_modules as a regular expression with its name",
            field="layers_to_transform",
        )
    free = [w for w in modules if _is_outside(w, numbers)]
    yield from _check_other_layers(context, free, plan_and_tree[1])


def _check_other_layers(
    context: RuleContext, free: list[WrappedModule], tree: ModuleTree
) -> Iterator[Hit]:
    """A hit for modules of other layers: experts by their number, other modules by their full
    name.
    """
    ends = [w for w in free if not any(tree.find(entry) for entry in w.entries)]
    if ends:
        count = sum(w.group.count for w in ends)
        yield Hit(
            f"{count_noun(count, 'module')} of other layers {is_or_are(count)} wrapped, "
            f"{describe_example(ends[0].group.name, count)}: this PEFT takes the last number of a "
            "name for the layer's, and that is the expert's",
            context.place("layers_to_transform"),
            help="give layers_pattern (`layers`), or use PEFT 0.20 or newer",
            field="layers_to_transform",
            severity="warning",
        )
    full = [w for w in free if w not in ends]
    if full:
        count = sum(w.group.count for w in full)
        yield Hit(
            f"{count_noun(count, 'module')} written by full name {is_or_are(count)} wrapped "
            f"outside of these layers, {describe_example(full[0].group.name, count)}",
            context.place("layers_to_transform"),
            field="layers_to_transform",
        )


def _check_default_layers(
    context: RuleContext, plan: Plan, modules: list[WrappedModule], numbers: set[int]
) -> Iterator[Hit]:
    free = sum(w.group.count for w in modules if _is_outside(w, numbers))
    if free:
        yield Hit(
            "`layers_to_transform` has no effect: PEFT's default targets for "
            f"{context.tree.model_type if context.tree else None!r} are a regular expression",
            context.place("layers_to_transform"),
            help="name target_modules as a list",
            field="layers_to_transform",
            notes=(
                f"{count_noun(free, 'module')} outside of these layers {is_or_are(free)} wrapped",
            ),
            severity="error",
        )


def _split_at_layer_index(wrapped: WrappedModule) -> tuple[list[str], int | None]:
    """The parts of the name, and which of them is the first index that can be a layer's (None: no
    part).
    """
    parts = wrapped.group.name.split(".")
    return parts, next((i for i, p in enumerate(parts[:-1]) if i > 0 and p.isdecimal()), None)


def _find_tower(wrapped: WrappedModule) -> str | None:
    parts, place = _split_at_layer_index(wrapped)
    return ".".join(parts[:place]) if place else None


def _is_outside(wrapped: WrappedModule, numbers: set[int]) -> bool:
    parts, place = _split_at_layer_index(wrapped)
    if place is None:
        return False
    shape = wrapped.group.template.split(".")
    if shape[place] != "*":
        return int(parts[place]) not in numbers
    return not set(wrapped.group.indices[shape[:place].count("*")]) <= numbers
