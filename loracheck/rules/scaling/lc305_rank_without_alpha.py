"""A rank of its own, and with it a scaling of its own.

## What
`rank_pattern` gives some modules another rank, and no `alpha_pattern` gives them another alpha.

## Why
Every update is multiplied by alpha/r. With r=8 and alpha=16 the scaling is 2; a module of rank 64
by `rank_pattern` keeps alpha=16 and gets 0.25. That may be meant, and is a note.
huggingface/diffusers pull request 14409 is about adapters of two ranks and one alpha, of which one
half loads at a quarter of its scale.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "lora_alpha": 16,
 "target_modules": ["q_proj", "v_proj"], "rank_pattern": {"q_proj": 64}}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "lora_alpha": 16,
 "target_modules": ["q_proj", "v_proj"], "rank_pattern": {"q_proj": 64},
 "alpha_pattern": {"q_proj": 128}}
```

## Fix
Give the modules an alpha of their own in `alpha_pattern`; the finding names the one that keeps the
scaling.

## Source
PEFT 0.21.2 `tuners/lora/model.py` (`_create_and_replace`), `tuners/lora/layer.py`
(`update_layer`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.support.scalings import compute_scaling
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC305"
NAME = "rank-without-alpha"
SEVERITY = "note"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the module whose scaling is farthest from the others'."""
    plan_and_tree, rank, alpha = (
        find_accepted_plan(context),
        context.value("r"),
        context.value("lora_alpha"),
    )
    if plan_and_tree is None or not context.value("rank_pattern") or not isinstance(rank, int):
        return
    at_rank = [
        w for w in plan_and_tree[0].wrapped if w.rank != rank and w.alpha == alpha and w.scaling
    ]
    if not at_rank or not isinstance(alpha, (int, float)):
        return
    is_rslora = context.value("use_rslora") is True
    usual = compute_scaling(alpha, rank, is_rslora=is_rslora)
    if usual is None:
        return
    far = max(at_rank, key=lambda w: max(w.scaling / usual, usual / w.scaling) if usual else 0)
    yield Hit(
        f"`{far.group.name}` has rank {far.rank} and alpha {far.alpha:g} as all have: its update "
        f"is multiplied by {far.scaling:.3g}, the others' by {usual:.3g}",
        context.place("rank_pattern"),
        help=f"for the same scaling give it alpha {usual * far.rank:g} in alpha_pattern"
        if not is_rslora
        else "give it an alpha of its own in alpha_pattern",
        field="rank_pattern",
        notes=(f"{count_noun(sum(w.group.count for w in at_rank), 'module')} are concerned",),
    )
