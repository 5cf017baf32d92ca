"""Dense layers lose LoRA because their names were rewritten for fused experts.

## What
On a mixture-of-experts model whose experts transformers 5 fuses, PEFT turns `gate_proj`, `up_proj`
and `down_proj` into the experts' parameters. Dense layers and shared experts of the same names are
linear layers, and they get no LoRA any more.

## Why
Nothing is said but a warning about pattern keys that is wrong. On DeepSeek-V3 the first three
layers and every shared expert stay unadapted. Their full names are rewritten as well, so there is
no way round it in the config; it is a note for this reason.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "deepseek-ai/DeepSeek-R1", "r": 8,
 "target_modules": ["o_proj", "gate_proj", "up_proj", "down_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "deepseek-ai/DeepSeek-R1", "r": 8,
 "target_modules": ["q_a_proj", "q_b_proj", "o_proj"]}
```

## Fix
Nothing in the config helps. To adapt the dense layers alone, leave the experts' names out and use
names that only they have.

## Source
PEFT 0.21.2 `utils/transformers_weight_conversion.py` (`_convert_peft_config_moe`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.linear_layers import find_unreached_layers
from loracheck.rules.support.phrases import count_noun, quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC215"
NAME = "fused-experts-only"
SEVERITY = "note"
OLD_NAMES = frozenset({"gate_proj", "up_proj", "down_proj", "w1", "w2", "w3"})
"""What PEFT's tables rewrite into parameters of fused experts."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where PEFT turns the targets into expert parameters and so leaves linear layers
    out.
    """
    plan_and_tree = find_accepted_plan(context)
    value = context.value("target_modules")
    if plan_and_tree is None or not value:
        return
    plan, tree = plan_and_tree
    matches = plan.list_matches("target_modules")
    through = {e for w in plan.wrapped if w.parameter for e in w.entries}
    if not through or not any(r.entry in through for r in matches):
        return
    names = (
        OLD_NAMES if isinstance(value, str) else OLD_NAMES & {e.rpartition(".")[2] for e in through}
    )
    unreached = [
        g for g in find_unreached_layers(plan, tree) if g.template.rpartition(".")[2] in names
    ]
    if unreached:
        yield Hit(
            f"the names stand for the fused experts alone: "
            f"{count_noun(sum(g.count for g in unreached), 'dense layer')} of the same names get "
            "no LoRA",
            context.place("target_modules"),
            field="target_modules",
            notes=(f"left out: {quote_names([g.template for g in unreached[:6]])}",),
        )
