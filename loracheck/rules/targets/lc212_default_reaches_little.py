"""PEFT's default targets reach only a small part of this model.

## What
The config leaves `target_modules` out, and PEFT's default for the model type wraps less than a
tenth of the linear layers.

## Why
In hybrid models (Mamba and attention) the default names exist in the few attention layers alone. A
run with the default for `nemotron_h` adapted 4 of 56 layers, finished, and had learned nothing.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "nvidia/Nemotron-H-56B-Base-8K", "r": 8}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8}
```

## Fix
Name `target_modules` yourself; the finding lists the model's linear layers.

## Source
PEFT 0.21.2 `utils/constants.py`; huggingface/peft issue 3554.
"""

from __future__ import annotations

from loracheck.rules.support.linear_layers import describe_linear_layers, measure_share
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC212"
NAME = "default-reaches-little"
SEVERITY = "warning"
SHARE = 0.2


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a default that leaves four fifths of the linear layers out."""
    plan, tree = context.plan, context.tree
    if plan is None or tree is None or plan.error is not None:
        return
    if context.value("target_modules") is not None or context.value("target_parameters"):
        return
    share = measure_share(plan, tree, towers=False)
    if share.linear and share.reached < SHARE * share.linear:
        yield Hit(
            f"PEFT's default targets for {tree.model_type!r} reach {share}",
            context.place("target_modules"),
            help="name target_modules yourself",
            field="target_modules",
            notes=(f"the model's linear layers are {describe_linear_layers(tree)}",),
        )
