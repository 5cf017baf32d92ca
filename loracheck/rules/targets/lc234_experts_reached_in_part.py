"""Only some of a model's experts, or of their parameters, get LoRA.

## What
LoRA reaches one of the routed experts' projections (by `target_parameters`, or by names that PEFT
turns into it), and the same modules hold others that stay frozen. Or it reaches the routed experts
and none of the layers of the shared expert, through which every token goes.

## Why
An expert is two or three matrices. With `experts.down_proj` alone the other half of its weights is
frozen, which is seldom meant and easily overlooked, as the names differ between models. Seen in
unslothai/unsloth pull request 11014. A shared expert has linear layers under names of its own,
which `target_parameters` does not reach. Either may be a choice, so it is a note.

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

from loracheck.lazy_pattern import compile_when_used
from loracheck.plan.injection.experts import find_conversion_type
from loracheck.plan.peft_tables import load_tables
from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.expert_banks import find_expert_banks
from loracheck.rules.support.linear_layers import find_linear_layers
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Path
    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC234"
NAME = "experts-reached-in-part"
SEVERITY = "note"

_PROJECTIONS = {"gate_up_proj": ("gate_proj", "up_proj")}
"""The names that PEFT turns into one parameter."""
_SHARED = compile_when_used(r"\.(?:shared_experts?|shared_mlp)\.")
"""Layers of an expert that every token goes through."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the first kind of routed experts that is reached in part, one for shared experts
    that are left out.
    """
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None:
        return
    plan, tree = plan_and_tree
    banks = find_expert_banks(tree)
    reached = {
        template: {str(w.parameter) for w in plan.wrapped if w.group.template == template}
        for template in banks
    }
    for template, bank in banks.items():
        sizes = {p.name: p.size for p in bank.node.parameters if len(p.shape) == 3}
        rest = sorted(sizes.keys() - reached[template])
        if reached[template] & sizes.keys() and rest:
            share = sum(sizes[name] for name in rest) / sum(sizes.values())
            yield Hit(
                f"of the routed experts {quote_names(rest)} stay{'s' if len(rest) == 1 else ''} "
                f"frozen: {share:.0%} of their weights",
                _find_place(context),
                help=f"to train them too, add {_list_missing(context, template, rest)}",
                field="target_parameters",
            )
            break
    if any(reached.values()) and context.value("target_parameters"):
        yield from _find_shared_left_out(context, plan, tree)


def _find_shared_left_out(context: RuleContext, plan: Plan, tree: ModuleTree) -> Iterator[Hit]:
    """The hit for shared experts of which no layer is reached. On a model whose experts' old names
    PEFT rewrites, these names reach the routed experts alone (LC215), so there is no mend.
    """
    shared = [group for group in find_linear_layers(tree) if _SHARED.search(group.template)]
    reached_templates = {w.group.template for w in plan.wrapped} | {
        s.group.template for s in plan.saved
    }
    if not shared or any(group.template in reached_templates for group in shared):
        return
    size = sum(p.size * g.count for g in shared for p in g.node.parameters)
    above = shared[0].template.rpartition(".")[0]
    names = [group.template.rpartition(".")[2] for group in shared]
    yield Hit(
        f"LoRA reaches the routed experts and none of the shared ones: `{above}` stays frozen "
        f"({size / 1e9:,.3g} billion weights)",
        context.place("target_parameters"),
        help=None
        if find_conversion_type(tree) in load_tables()["moe_fused"]
        else f"to train them too, add {_list_endings(above, list(dict.fromkeys(names)))} to "
        "target_modules",
        field="target_parameters",
    )


def _list_missing(context: RuleContext, template: str, rest: list[str]) -> str:
    """The parameters that are left, as the user's own field names them."""
    if context.value("target_parameters"):
        return f"{_list_endings(template, rest)} to target_parameters"
    names = [n for name in rest for n in _PROJECTIONS.get(name, (name,))]
    return ", ".join(f'"{name}"' for name in names) + " to target_modules"


def _list_endings(template: str, names: list[str]) -> str:
    """Names below a module, each with the end of the module's own name, in quotation marks."""
    tail = ".".join([part for part in template.split(".") if part != "*"][-1:])
    if tail == "experts":
        tail = ".".join(part for part in template.split(".")[-2:] if part != "*")
    return ", ".join(f'"{tail}.{name}"' for name in names)


def _find_place(context: RuleContext) -> Path:
    """Where the parameters stand, or the names that PEFT makes parameters of."""
    parameters = context.value("target_parameters")
    return context.place("target_parameters" if parameters else "target_modules")
