"""Routed experts that the targets do not reach.

## What
The names of expert layers stand in `target_modules`, or it is `all-linear`, but in this model the
routed experts are fused parameters, not linear layers, and LoRA reaches none of them.

## Why
transformers 5 keeps the experts of most mixture-of-experts models as two or three big tensors. PEFT
rewrites the old names for some model types only; for the others the names reach the shared expert
and the dense layers at most, and nothing is said. Most of such a model's weights are experts. Where
the names do reach a shared expert or dense layers, and with `all-linear`, it may be meant, so that
is a note. A vendor's own test trained no routed expert and was green (vllm-project/vllm pull
request 47088); see also unslothai/unsloth pull request 6936.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen1.5-MoE-A2.7B", "r": 8,
 "target_modules": ["q_proj", "v_proj", "gate_proj", "up_proj", "down_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen1.5-MoE-A2.7B", "r": 8,
 "target_modules": ["q_proj", "v_proj", "gate_proj", "up_proj", "down_proj"],
 "target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]}
```

## Fix
To adapt the experts, name their parameters in `target_parameters`, as the finding shows.

## Source
PEFT 0.21.2 `utils/transformers_weight_conversion.py` (which model types are rewritten),
`tuners/tuners_utils.py` (`_inject_parameters`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.assignments import format_assignment
from loracheck.rules.support.expert_banks import (
    EXPERT_ROLES,
    collect_parameters,
    find_expert_banks,
)
from loracheck.rules.support.linear_layers import measure_share
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.trees.roles import find_role
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.rules.context import RuleContext

CODE = "LC214"
NAME = "experts-not-reached"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the config, at the first entry that names expert layers."""
    plan_and_tree = find_accepted_plan(context)
    value = context.value("target_modules")
    if plan_and_tree is None or not value or context.setting.behaviour.adds_experts:
        return
    plan, tree = plan_and_tree
    banks = find_expert_banks(tree)
    if not banks or any(w.group.template in banks for w in plan.wrapped):
        return
    every = isinstance(value, str) and value.lower() == "all-linear"
    entries = _list_expert_entries(value)
    if not every and not entries:
        return
    dead = [r for r in plan.list_matches("target_modules") if r.entry in entries and not r.effect]
    size = sum(p.size * g.count for g in banks.values() for p in g.node.parameters)
    first = next(iter(banks.values()))
    yield Hit(
        f"LoRA reaches none of the routed experts of {tree.cls}: they are parameters of "
        f"`{first.template}`, not linear layers",
        context.place("target_modules")
        if every
        else context.entry_place("target_modules", entries[0]),
        help="to adapt them add "
        + format_assignment(context.setting, "target_parameters", collect_parameters(banks)),
        field="target_modules",
        notes=(
            f"{count_noun(sum(g.count for g in banks.values()), 'module')} with "
            f"{size / 1e9:,.3g} billion weights in all",
            f"LoRA reaches {measure_share(plan, tree)}",
        ),
        severity=None if dead or any("expert" in entry for entry in entries) else "note",
    )


def _list_expert_entries(value: Any) -> list[str]:
    """The entries that by role are the layers of an MLP or of experts."""
    if isinstance(value, str):
        return [value] if "expert" in value else []
    entries = [e for e in value if isinstance(e, str)]
    return [e for e in entries if find_role(e) in EXPERT_ROLES or "expert" in e]
