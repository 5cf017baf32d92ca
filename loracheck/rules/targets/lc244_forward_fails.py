"""A target that PEFT wraps and that then fails in the first forward pass.

## What
The targets reach a subclass of torch's Linear that computes something else: the routers of Llama 4
and PhiMoE, which give back a tuple, or DeepSeek V4's `o_a_proj`, which maps groups of its input.

## Why
PEFT takes it for a linear layer, by its class, and adds the LoRA output of a linear layer to what
it gives. `get_peft_model` says nothing; the first step of the training ends with AttributeError or
RuntimeError. `all-linear` reaches these layers. Seen in whitecircle/halo issue 35.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "deepseek-ai/DeepSeek-V4-Flash", "r": 8,
 "lora_alpha": 16, "target_modules": "all-linear"}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "deepseek-ai/DeepSeek-V4-Flash", "r": 8,
 "lora_alpha": 16, "target_modules": "all-linear", "exclude_modules": ["o_a_proj"]}
```

## Fix
Name the layer in `exclude_modules`, or list the targets without it.

## Source
PEFT 0.21.2 `tuners/lora/layer.py` (`Linear.forward`, `dispatch_default`); transformers 5.24.0
`models/deepseek_v4/modeling_deepseek_v4.py`, `models/llama4/modeling_llama4.py`,
`models/phimoe/modeling_phimoe.py`; each executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.own_forwards import OWN_FORWARDS
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import WrappedModule
    from loracheck.rules.context import RuleContext

CODE = "LC244"
NAME = "forward-fails"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every class of such layers that the targets reach."""
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None:
        return
    modules: dict[str, list[WrappedModule]] = {}
    for wrapped in plan_and_tree[0].wrapped:
        name = wrapped.group.node.class_name
        if wrapped.parameter is None and name in OWN_FORWARDS:
            modules.setdefault(name, []).append(wrapped)
    for name, reached in modules.items():
        leaves = list(dict.fromkeys(w.group.name.rpartition(".")[2] for w in reached))
        is_list = isinstance(context.value("target_modules"), (list, tuple))
        entry = reached[0].entries[0] if is_list and reached[0].entries else None
        yield Hit(
            f"PEFT wraps `{reached[0].group.template}` as a linear layer, but {OWN_FORWARDS[name]}",
            context.entry_place("target_modules", entry)
            if entry
            else context.place("target_modules"),
            help=f"name {', '.join(f'`{leaf}`' for leaf in leaves)} in exclude_modules, or target "
            "other layers",
            field="target_modules",
            notes=(f"{count_noun(sum(w.group.count for w in reached), 'module')} of class {name}",),
        )
