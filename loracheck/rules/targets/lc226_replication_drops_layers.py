"""`layer_replication` leaves layers of the model out.

## What
The ranges do not cover every layer. PEFT builds the model anew from the ranges alone, so the layers
that none of them names are gone.

## Why
`[[0, 2]]` on a model of four layers makes a model of two, and nothing is said. Ranges are half
open: the last layer of 32 is reached by an end of 32.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "layer_replication": [[0, 16], [8, 27]]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "layer_replication": [[0, 16], [8, 28]]}
```

## Fix
Let the ranges cover every layer; the last end is the number of layers.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`replicate_layers`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.layer_replication import list_replicated_layers
from loracheck.rules.support.phrases import count_noun, is_or_are
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC226"
NAME = "replication-drops-layers"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit naming the layers that are gone."""
    plan_and_tree = find_accepted_plan(context)
    used = list_replicated_layers(context.value("layer_replication"))
    if plan_and_tree is None or not used:
        return
    count = dict(plan_and_tree[1].extra).get("num_hidden_layers")
    dropped = sorted(set(range(count)) - set(used)) if isinstance(count, int) else []
    if dropped:
        listing = ", ".join(map(str, dropped[:6])) + (", …" if len(dropped) > 6 else "")
        lost = f"{count_noun(len(dropped), 'layer')} of {count} {is_or_are(len(dropped))}"
        yield Hit(
            f"{lost} removed from the model: {listing}",
            context.place("layer_replication"),
            help=f"ranges are [start, end): cover 0 to {count}",
            field="layer_replication",
            notes=(f"the model will have {len(used)} layers",),
        )
