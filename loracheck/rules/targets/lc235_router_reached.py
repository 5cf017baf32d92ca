"""`all-linear` reaches the router of a mixture of experts.

## What
The targets are every linear layer, and in this model the layer that chooses the experts of a token
(`mlp.gate`, `router`, `shared_expert_gate`) is one of them.

## Why
PEFT leaves the output head out of `all-linear`, and nothing else. Which experts a token goes to is
then trained along, and some servers have no LoRA for that layer. Tools that train mixtures of
experts leave the router out by themselves (verl: "By default, MoE routers are excluded from LoRA
adaptation"; Unsloth). It may be meant, so it is a note. In transformers 5 many routers are
parameters, which `all-linear` does not reach.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen1.5-MoE-A2.7B", "r": 8,
 "target_modules": "all-linear"}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen1.5-MoE-A2.7B", "r": 8,
 "target_modules": "all-linear", "exclude_modules": ["mlp.shared_expert_gate"]}
```

## Fix
Name it in `exclude_modules`, or list the layers that are meant.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`_maybe_include_all_linear_layers`); verl 0.9.1
`verl/trainer/config/model/hf_model.yaml` (lora.target_modules).
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.linear_layers import LINEAR_KINDS
from loracheck.rules.support.own_forwards import has_own_forward
from loracheck.rules.support.phrases import count_noun, quote_names
from loracheck.rules.types import Hit
from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC235"
NAME = "router-reached"
SEVERITY = "note"

_ROUTER = compile_when_used(
    r"(.+)\.(?:router|gate|wg|shared_expert_gate)(?:\.\w+)?",
    words=(".router", ".gate", ".wg", ".shared_expert_gate"),
)


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a config of every linear layer."""
    value = context.value("target_modules")
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None or not isinstance(value, str) or value.lower() != "all-linear":
        return
    plan, tree = plan_and_tree
    templates = {group.template for group in group_modules(tree, Splitter())}
    routers = [
        w.group
        for w in plan.wrapped
        if w.group.node.kind in LINEAR_KINDS
        and not has_own_forward(w.group.node.cls)  # which fails, and is told by LC244
        and (match := _ROUTER.fullmatch(w.group.template)) is not None
        and any(f"{match[1]}.{name}" in templates for name in ("experts", "experts.*"))
    ]
    if not routers:
        return
    names = list(dict.fromkeys(group.template for group in routers))
    ends = [".".join(name.split(".")[-2:]) for name in names]
    yield Hit(
        f"every linear layer means the router too: {quote_names(names)}, "
        f"{count_noun(sum(group.count for group in routers), 'module')}",
        context.place("target_modules"),
        help=f"to leave the choice of experts as it is, name {quote_names(ends)} in "
        "exclude_modules, or list the layers that are meant",
        field="target_modules",
    )
