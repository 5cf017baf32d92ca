"""LoRA on `out_proj` of torch's own MultiheadAttention.

## What
The `out_proj` inside a `torch.nn.MultiheadAttention` is targeted by itself, by name or through
`all-linear`.

## Why
The attention reads that layer's weight and never calls the layer, so LoRA on it gets no gradient
and changes nothing. PEFT has a layer for the attention as a whole, which adapts both projections.
In helicalAI/helical pull request 405 an adapter on `out_proj` had never trained in two published
models; the layer for the whole attention came with huggingface/peft pull request 1324.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "examples/torch-attention", "r": 4,
 "target_modules": ["out_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "examples/torch-attention", "r": 4,
 "target_modules": ["attention"]}
```

## Fix
Name the attention itself instead of its `out_proj`, or leave it out.

## Source
PEFT 0.21.2 `tuners/lora/layer.py` (`MultiheadAttention`), torch 2.13.0
`nn/modules/activation.py`, executed: the gradient is None.
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

CODE = "LC222"
NAME = "attention-output"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for output projections that are never called as modules; a note where they are few
    among the entry's layers.
    """
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None:
        return
    plan, tree = plan_and_tree
    if not has_class(tree, "MultiheadAttention"):
        return
    dead = [
        w
        for w in plan.wrapped
        if w.kind == "linear"
        and (parent := tree.find(w.group.name.rpartition(".")[0])) is not None
        and parent.kind == "MultiheadAttention"
    ]
    if not dead:
        return
    parent_name = dead[0].group.name.rpartition(".")[0]
    entry = dead[0].entries[0] if dead[0].entries else None
    alive = [w for w in plan.wrapped if entry in w.entries and w not in dead]
    yield Hit(
        f"LoRA on `{dead[0].group.name}` has no effect: torch's MultiheadAttention reads its "
        "weight and does not call it",
        context.entry_place("target_modules", entry) if entry else context.place("target_modules"),
        help=f"target `{parent_name.rpartition('.')[2]}`, the attention itself, or leave it out",
        field="target_modules",
        notes=(f"{count_noun(sum(w.group.count for w in dead), 'module')} of this kind",),
        severity="note" if alive else None,
    )
