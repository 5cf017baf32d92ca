"""A layer number that the model does not have.

## What
An entry of `layers_to_transform` that is negative, not a number of a layer, or beyond the last
layer.

## Why
PEFT compares the numbers with the names it finds; one that matches no layer is dropped without a
word. Negative numbers do not count from the end. An empty list means all layers.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "openai-community/gpt2", "r": 8,
 "fan_in_fan_out": true,
 "target_modules": ["c_attn"], "layers_to_transform": [10, 11, 12]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "openai-community/gpt2", "r": 8,
 "fan_in_fan_out": true,
 "target_modules": ["c_attn"], "layers_to_transform": [10, 11]}
```

## Fix
Count from 0, and write the last layer as its own number.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`check_target_module_exists`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.layer_numbers import count_layers, describe_layers
from loracheck.rules.types import Hit, Repeat
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC207"
NAME = "layers-out-of-range"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every layer number that reaches no targeted module."""
    plan, tree = context.plan, context.tree
    value = context.value("layers_to_transform")
    if plan is None or tree is None or value is None:
        return
    if plan.error is not None:
        return  # LC201 speaks
    single = not isinstance(value, (list, tuple))
    dead = {r.entry for r in plan.list_matches("layers_to_transform") if not r.matched}
    for number in [value] if single else value:
        if not isinstance(number, int):
            continue  # LC102 speaks of the type
        if number in dead:
            there = 0 <= number < (count_layers(context) or 0)
            yield Hit(
                f"layer {number} selects none of the targeted modules of {tree.cls}"
                if there
                else f"layer {number} does not exist among the targeted modules of {tree.cls}",
                context.place("layers_to_transform")
                if single
                else context.entry_place("layers_to_transform", number),
                help=describe_layers(context, number),
                field="layers_to_transform",
                repeat=Repeat(
                    f"select none of the targeted modules of {tree.cls}"
                    if there
                    else f"do not exist among the targeted modules of {tree.cls}",
                    subject=f"layer {number}",
                ),
            )
