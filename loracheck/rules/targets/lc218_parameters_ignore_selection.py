"""`exclude_modules` and `layers_to_transform` do not hold for `target_parameters`.

## What
The config narrows the targets, and parameters named in `target_parameters` are wrapped all the
same: in modules that `exclude_modules` names, or in layers that are not listed.

## Why
PEFT compares entries of `target_parameters` with the end of each parameter's name and nothing else.
The adapter gets larger than meant, without a word.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "openai/gpt-oss-20b", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "layers_to_transform": [7, 15, 23],
 "target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "openai/gpt-oss-20b", "r": 8,
 "target_modules": ["q_proj", "v_proj"],
 "target_parameters": ["7.mlp.experts.gate_up_proj", "15.mlp.experts.gate_up_proj"]}
```

## Fix
Write the layers into `target_parameters` itself: `7.mlp.experts.gate_up_proj`.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`_inject_parameters`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.phrases import count_noun, describe_member, is_or_are
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.plan.model import WrappedModule
    from loracheck.rules.context import RuleContext

CODE = "LC218"
NAME = "parameters-ignore-selection"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each field whose selection target_parameters do not follow."""
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None:
        return
    wrapped = [w for w in plan_and_tree[0].wrapped if w.parameter is not None]
    for field, test in (
        ("exclude_modules", _is_excluded),
        ("layers_to_transform", _is_outside_layers),
    ):
        value = context.value(field)
        if not wrapped or value in (None, [], ""):
            continue
        free = [w for w in wrapped if test(w, value, context.value("layers_pattern"))]
        if free:
            count = sum(w.group.count for w in free)
            yield Hit(
                f"`{field}` does not hold for parameters: {count_noun(count, 'parameter')} "
                f"{is_or_are(count)} wrapped all the same",
                context.place(field),
                help="write what you want into target_parameters, for example "
                f"{_name_from_layer_on(free[0])!r}",
                field=field,
                notes=(describe_member(next(free[0].names()), count),),
            )


def _is_excluded(wrapped: WrappedModule, value: Value, pattern: Value) -> bool:
    from loracheck.plan.errors import RefusedError
    from loracheck.plan.matching.match import compile_exclusion

    try:
        match = compile_exclusion(value)
        return match(wrapped.group.name) or match(f"{wrapped.group.name}.{wrapped.parameter}")
    except RefusedError:
        return False


def _is_outside_layers(wrapped: WrappedModule, value: Any, pattern: Any) -> bool:
    from loracheck.plan.matching.match import find_layer_place

    numbers = {value} if isinstance(value, int) else {n for n in value if isinstance(n, int)}
    name = f"{wrapped.group.name}.{wrapped.parameter}"
    place = find_layer_place(name, pattern)
    if place is None:
        return True
    shape = wrapped.group.template.split(".")
    if place >= len(shape) or shape[place] != "*":
        return int(name.split(".")[place]) not in numbers
    return not set(wrapped.group.indices[shape[:place].count("*")]) <= numbers


def _name_from_layer_on(wrapped: WrappedModule) -> str:
    """The parameter's name from its layer number on."""
    name = f"{wrapped.group.name}.{wrapped.parameter}".split(".")
    place = next((i for i, part in enumerate(name) if part.isdecimal()), 0)
    return ".".join(name[place:])
