"""Only some of the parameters of the routed experts get LoRA.

## What
`target_parameters` reaches one of the experts' projections, and the same modules hold others that
stay frozen.

## Why
An expert is two or three matrices. With `experts.down_proj` alone the other half of its weights is
frozen, which is seldom meant and easily overlooked, as the names differ between models. Seen in
unslothai/unsloth pull request 11014. It may be a choice, so it is a note.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "openai/gpt-oss-20b", "r": 8, "lora_alpha": 16,
 "target_modules": ["q_proj"], "target_parameters": ["experts.down_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "openai/gpt-oss-20b", "r": 8, "lora_alpha": 16,
 "target_modules": ["q_proj"], "target_parameters": ["experts.gate_up_proj", "experts.down_proj"]}
```

## Fix
Add the parameters that the finding names, if they are to be trained.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`_inject_parameters`), executed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.expert_banks import find_expert_banks
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC234"
NAME = "experts-reached-in-part"
SEVERITY = "note"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the first kind of experts that is reached in part."""
    known = find_accepted_plan(context)
    if known is None or not context.value("target_parameters"):
        return
    plan, tree = known
    for template, bank in find_expert_banks(tree).items():
        own = {p.name: p.size for p in bank.node.parameters if len(p.shape) == 3}
        reached = {
            str(wrapped.parameter)
            for wrapped in plan.wrapped
            if wrapped.field == "target_parameters" and wrapped.group.template == template
        }
        left = sorted(own.keys() - reached)
        if reached & own.keys() and left:
            share = sum(own[name] for name in left) / sum(own.values())
            tail = ".".join(part for part in template.split(".")[-2:] if part != "*")
            more = ", ".join(f'"{tail}.{name}"' for name in left)
            yield Hit(
                f"of the routed experts {quote_names(left)} stay{'s' if len(left) == 1 else ''} "
                f"frozen: {share:.0%} of their weights",
                context.place("target_parameters"),
                help=f"to train them too, add {more}",
                field="target_parameters",
            )
            return
