"""LoRA inside torch's own TransformerEncoderLayer.

## What
The linear layers of a `torch.nn.TransformerEncoderLayer` are targeted.

## Why
In evaluation mode torch takes a fast path that reads the layers' weights and does not call them. So
the adapter learns, and has no effect on any prediction: trained outputs differ from the base
model's, evaluated ones are equal to it. Merging the adapter helps.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "examples/torch-encoder", "r": 4,
 "target_modules": ["linear1", "linear2"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "examples/torch-encoder", "r": 4,
 "target_modules": ["head"]}
```

## Fix
Call `torch.backends.mha.set_fastpath_enabled(False)`, or merge the adapter before evaluating.

## Source
torch 2.13.0 `nn/modules/transformer.py` (`TransformerEncoderLayer.forward`), executed with
PEFT 0.21.2: difference 0.80 in training, 0.0 in evaluation.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.module_names import has_class
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC221"
NAME = "fast-path"
SEVERITY = "warning"
LAYER = "torch.nn.modules.transformer.TransformerEncoderLayer"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the first of the linear layers inside such a layer."""
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None:
        return
    plan, tree = plan_and_tree
    if not has_class(tree, LAYER):
        return
    inside = [
        w
        for w in plan.wrapped
        if (parent := tree.find(w.group.name.rpartition(".")[0])) is not None
        and parent.cls == LAYER
    ]
    if inside:
        entry = inside[0].entries[0] if inside[0].entries else None
        yield Hit(
            f"`{inside[0].group.name}` lies in a torch.nn.TransformerEncoderLayer, whose fast path "
            "leaves LoRA out in evaluation mode",
            context.entry_place("target_modules", entry)
            if entry
            else context.place("target_modules"),
            help="call torch.backends.mha.set_fastpath_enabled(False), or merge before evaluating",
            field="target_modules",
            notes=(f"{count_noun(sum(w.group.count for w in inside), 'module')} are concerned",),
        )
