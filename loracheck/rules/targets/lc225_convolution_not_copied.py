"""LoRA on a convolution with dilation or a padding mode.

## What
A targeted convolution has a `dilation` other than 1, or pads in another way than with zeros.

## Why
PEFT's LoRA layer copies kernel size, stride, padding and groups, and leaves these two out. The
adapter then computes another convolution than the layer it belongs to: with padding `same` or a
padding mode it runs, and merging gives other outputs than training had; with a plain number as
padding the sizes do not fit and the first batch fails.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "examples/dilated-convolution", "r": 4,
 "target_modules": ["dilated"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "examples/dilated-convolution", "r": 4,
 "target_modules": ["plain"]}
```

## Fix
Leave the convolution out, or train it in full with `modules_to_save`.

## Source
PEFT 0.21.2 `tuners/lora/layer.py` (`_ConvNd.update_layer`), executed: merged and unmerged outputs
differ by 1.75.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import Node

CODE = "LC225"
NAME = "convolution-not-copied"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the convolutions concerned."""
    plan_and_tree = find_accepted_plan(context)
    convs = [w for w in plan_and_tree[0].wrapped if w.kind == "conv"] if plan_and_tree else []
    odd = [
        w for w in convs if w.group.node.attribute("dilation") or _get_padding_mode(w.group.node)
    ]
    if odd:
        first = odd[0].group
        dilation = first.node.attribute("dilation")
        what = (
            f"dilation {dilation}"
            if dilation
            else f"padding_mode {_get_padding_mode(first.node)!r}"
        )
        entry = odd[0].entries[0] if odd[0].entries else None
        yield Hit(
            f"`{first.name}` has {what}, which its LoRA layer does not take over",
            context.entry_place("target_modules", entry)
            if entry
            else context.place("target_modules"),
            help="leave it out of target_modules, or train it in full with modules_to_save",
            field="target_modules",
            notes=(f"{count_noun(sum(w.group.count for w in odd), 'module')} of this kind",),
        )


def _get_padding_mode(node: Node) -> str | None:
    attribute = node.attribute("padding_mode")
    return attribute if isinstance(attribute, str) else None
