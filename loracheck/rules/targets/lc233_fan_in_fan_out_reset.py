"""`fan_in_fan_out: true` on layers that store their weight the other way round.

## What
`fan_in_fan_out` is true, and the targets are `nn.Linear`.

## Why
The switch is for GPT-2's `Conv1D`, whose weight is stored as (in, out). PEFT sets it back to false
with a warning and the run is right, so it is a note: the line does nothing but ask a reader's time.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "lora_alpha": 16,
 "target_modules": ["q_proj", "v_proj"], "fan_in_fan_out": true}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "openai-community/gpt2", "r": 8,
 "lora_alpha": 16, "target_modules": ["c_attn"], "fan_in_fan_out": true}
```

## Fix
Take the line out.

## Source
PEFT 0.21.2 `tuners/lora/model.py` (`_create_new_module`), executed.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC233"
NAME = "fan-in-fan-out-reset"
SEVERITY = "note"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where PEFT sets the switch back."""
    plan = context.plan
    if plan is None or plan.error is not None or "fan_in_fan_out" not in context.setting.places:
        return
    if context.value("fan_in_fan_out") is True and any(
        one.code == "fan-in-fan-out-linear" for one in plan.warnings
    ):
        yield Hit(
            "the targets are nn.Linear, so that PEFT sets `fan_in_fan_out` back to false",
            context.place("fan_in_fan_out"),
            help="take it out: it is for GPT-2's Conv1D",
            field="fan_in_fan_out",
        )
