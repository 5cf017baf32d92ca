"""`bias` asks for biases that the model does not have.

## What
`bias: all` on a model without any bias, or `bias: lora_only` where no wrapped layer has one.

## Why
Llama, Mistral and most of their kin have no biases in their linear layers, so the option trains
nothing. With a model that has some, PEFT's `unload` does not take the trained biases back.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "mistralai/Mistral-7B-v0.1", "r": 8,
 "bias": "lora_only", "target_modules": ["q_proj", "v_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "mistralai/Mistral-7B-v0.1", "r": 8,
 "bias": "none", "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Write `none`.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`_mark_only_adapters_as_trainable`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.assignments import format_assignment
from loracheck.rules.types import Hit
from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC231"
NAME = "bias-without-biases"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where there is nothing to train."""
    bias, plan_and_tree = context.value("bias"), find_accepted_plan(context)
    if plan_and_tree is None or not isinstance(bias, str) or bias == "none":
        return
    plan, tree = plan_and_tree
    if bias == "all":
        there = any(g.node.parameter("bias") is not None for g in group_modules(tree, Splitter()))
        where = f"{tree.cls} has no bias at all"
    else:
        there = any(w.group.node.parameter("bias") is not None for w in plan.wrapped)
        where = f"no wrapped layer of {tree.cls} has a bias"
    if not there:
        yield Hit(
            f"`bias` {bias!r} trains nothing: {where}",
            context.place("bias"),
            help="write " + format_assignment(context.setting, context.spelling("bias"), "none"),
            field="bias",
        )
