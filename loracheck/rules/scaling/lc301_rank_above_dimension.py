"""A rank above the smaller side of a targeted layer.

## What
`r`, or a value of `rank_pattern`, is larger than min(in, out) of a layer that LoRA wraps.

## Why
The product of the two LoRA matrices cannot have a higher rank than the layer itself, so the surplus
costs memory and adds nothing; below it, full fine-tuning of that layer would be smaller. PiSSA and
OLoRA then build a smaller rank and keep the larger `r` in the scaling. A few small layers beside
large ones (a router, a classifier) are a note only. Seen in huggingface/diffusers issue 4593.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 512, "lora_alpha": 512,
 "target_modules": ["k_proj", "v_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 32, "lora_alpha": 32,
 "target_modules": ["k_proj", "v_proj"]}
```

## Fix
Lower the rank, or give the small layers one of their own in `rank_pattern`.

## Source
LoRA, arXiv:2106.09685, section 4.1 (r far below min(d, k)); PEFT 0.21.2 `tuners/lora/layer.py`,
executed.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import WrappedModule
    from loracheck.rules.context import RuleContext

CODE = "LC301"
NAME = "rank-above-dimension"
SEVERITY = "warning"
MATRICES = frozenset({"Linear", "Conv1D", "Embedding"})
SMALLEST = 2
"""A layer with one output (a shared expert's gate, a reward head) is no one's reason for a rank."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the config, naming the smallest layer concerned."""
    plan = context.plan
    if plan is None or plan.error is not None:
        return
    over = [
        w
        for w in plan.wrapped
        if w.parameter is None and w.rank > _compute_smaller_side(w) >= SMALLEST
    ]
    if not over:
        return
    worst = min(over, key=_compute_smaller_side)
    count = sum(w.group.count for w in over)
    few = count * 2 < sum(w.group.count for w in plan.wrapped)
    side = _compute_smaller_side(worst)
    yield Hit(
        f"rank {worst.rank} is above the smaller side ({side}) of `{worst.group.name}`",
        context.place("r"),
        help=f"at most {side} can have an effect there; rank_pattern sets single layers",
        field="r",
        notes=(f"{count} of the wrapped modules are concerned",),
        severity="note" if few else None,
    )


def _compute_smaller_side(wrapped: WrappedModule) -> int:
    """Smaller side of the layer's weight matrix; a class without one sets no limit."""
    weight = wrapped.group.node.parameter("weight")
    if wrapped.group.node.kind not in MATRICES or weight is None:
        return wrapped.rank
    return min(weight.shape)
