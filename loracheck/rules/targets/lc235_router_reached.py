"""`all-linear` reaches the router of a mixture of experts.

## What
The targets are every linear layer, and in this model the layer that chooses the experts of a token
(`mlp.gate`, `router`, `shared_expert_gate`) is one of them.

## Why
PEFT leaves the output head out of `all-linear`, and nothing else. Which experts a token goes to is
then trained along, and some servers have no LoRA for that layer. Tools that train mixtures of
experts leave the router out by themselves (verl: "By default, MoE routers are excluded from LoRA
adaptation"; Unsloth). It may be meant, so it is a note. In transformers 5 many routers are
parameters: PEFT from 0.20 on reaches those of Mixtral's and Qwen-MoE's kind by `all-linear` too,
together with the fused experts, and `exclude_modules` does not keep it from them.

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
Name it in `exclude_modules`, or list the layers that are meant; where the router is a parameter
only the list helps.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`_maybe_include_all_linear_layers`),
`utils/transformers_weight_conversion.py` (`_convert_peft_config_moe`), executed; verl 0.9.1
`verl/trainer/config/model/hf_model.yaml` (lora.target_modules).
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.plan.injection.experts import find_conversion_type
from loracheck.plan.peft_tables import load_tables
from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.linear_layers import LINEAR_KINDS
from loracheck.rules.support.own_forwards import has_own_forward
from loracheck.rules.support.phrases import count_noun, quote_names
from loracheck.rules.types import Hit
from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan, WrappedModule
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

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
    routers = [wrapped for wrapped in plan.wrapped if _is_router(wrapped, templates)]
    if not routers:
        return
    names = list(dict.fromkeys(_write_name(wrapped) for wrapped in routers))
    yield Hit(
        f"every linear layer means the router too: {quote_names(names)}, "
        f"{count_noun(sum(w.group.count for w in routers), 'module')}",
        context.place("target_modules"),
        help=_write_help(context, plan, routers),
        field="target_modules",
    )


def _is_router(wrapped: WrappedModule, templates: set[str]) -> bool:
    group = wrapped.group
    match = _ROUTER.fullmatch(group.template)
    return (
        match is not None
        and (wrapped.parameter is not None or group.node.kind in LINEAR_KINDS)
        and not has_own_forward(group.node.cls)  # which fails, and is told by LC244
        and any(f"{match[1]}.{name}" in templates for name in ("experts", "experts.*"))
    )


def _write_name(wrapped: WrappedModule) -> str:
    """The template of the router, with its parameter where PEFT wraps that."""
    template = wrapped.group.template
    return f"{template}.{wrapped.parameter}" if wrapped.parameter else template


def _write_help(context: RuleContext, plan: Plan, routers: list[WrappedModule]) -> str:
    """How to leave the routers out: in exclude_modules, which does not reach parameters; there by
    the names of all that is reached beside them.
    """
    if all(wrapped.parameter is None for wrapped in routers):
        templates = list(dict.fromkeys(wrapped.group.template for wrapped in routers))
        ends = [".".join(name.split(".")[-2:]) for name in templates]
        return (
            f"to leave the choice of experts as it is, name {quote_names(ends)} in "
            "exclude_modules, or list the layers that are meant"
        )
    others = [wrapped for wrapped in plan.wrapped if wrapped not in routers]
    leaves = [w.group.template.rpartition(".")[2] for w in others if w.parameter is None]
    key = context.setting.keys.get("target_modules", "target_modules")
    names = [*dict.fromkeys(leaves), *_list_old_names(context.tree)]
    return (
        "exclude_modules does not reach a parameter: to leave the choice of experts as it is, list "
        f"the layers in {key}: {', '.join(names)}"
    )


def _list_old_names(tree: ModuleTree | None) -> list[str]:
    """The names of the experts' layers that PEFT turns into those of the fused parameters; the
    router's, which becomes a parameter of its own layer, is none of them.
    """
    base = find_conversion_type(tree) if tree is not None else None
    targets: dict[str, str] = load_tables()["moe_targets"].get(base, {})
    return [old for old, new in targets.items() if not new.startswith(f"{old}.")]
