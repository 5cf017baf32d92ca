"""One target name stands for modules of different kinds.

## What
An entry of `target_modules`, or a pattern, reaches modules of different parts of the model (the
language model and a vision or audio tower), or layers that do different work under one name:
GPT-2's `c_proj` ends attention and MLP, BERT's `dense` is four different layers.

## Why
PEFT compares the end of the name alone. Often that is what is wanted; it is worth knowing because
the adapter gets larger, and because a vision tower that was to stay frozen trains along. Nothing is
said of a name with several meanings where every linear layer of the blocks is reached. Seen in
haotian-liu/LLaVA issue 1380, Roblox/FAI-RL pull request 86 and vllm-project/vllm issue 41702.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "llava-hf/llava-1.5-7b-hf", "r": 8,
 "target_modules": ["q_proj", "v_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "llava-hf/llava-1.5-7b-hf", "r": 8,
 "target_modules": ".*language_model.*\\\\.(q_proj|v_proj)"}
```

## Fix
If one of them was meant, write a longer ending such as `attention.dense`, or leave the tower out
with `exclude_modules` and a pattern.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`check_target_module_exists`); haotian-liu/LLaVA issue 1380.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.linear_layers import find_linear_layers
from loracheck.rules.support.phrases import describe_member, quote_names
from loracheck.rules.types import Hit
from loracheck.trees.roles import find_role, find_unique_suffix, get_component
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import WrappedModule
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC228"
NAME = "target-reaches-several"
SEVERITY = "note"
TOWERS = ("vision", "audio")
SHOWN = 4
"""Layers of one name that a message shows."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for towers that the targets reach beside the text model, and one for each name that
    is two roles.
    """
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None or context.value("target_modules") is None:
        return
    modules = [w for w in plan_and_tree[0].wrapped if w.parameter is None]
    towers = {t: [w for w in modules if get_component(w.group.template) == t] for t in TOWERS}
    # What a diffusion model calls a patch is its own input, and no tower beside a text model.
    inside = (
        {} if plan_and_tree[1].library == "diffusers" else {t: f for t, f in towers.items() if f}
    )
    rest = len(modules) - sum(map(len, inside.values()))
    if inside and rest:
        yield _build_towers_hit(context, inside, modules)
    entries = dict.fromkeys(e for w in modules for e in w.entries)
    if isinstance(context.value("target_modules"), str) or _reaches_every_kind(
        modules, plan_and_tree[1]
    ):
        return
    for entry in entries:
        roles = _collect_examples_by_role([w for w in modules if entry in w.entries])
        if len(roles) > 1:
            yield Hit(
                f"`{entry}` reaches {_describe_layers(list(roles.values()))}",
                context.entry_place("target_modules", entry),
                help=_build_help(list(roles.values()), plan_and_tree[1]),
                field="target_modules",
            )


def _describe_layers(templates: list[str]) -> str:
    both = "both " if len(templates) == 2 else ""
    more = f" and {len(templates) - SHOWN} more" if len(templates) > SHOWN else ""
    return f"{both}{quote_names(templates[:SHOWN])}{more}"


def _build_help(templates: list[str], tree: ModuleTree) -> str:
    """Endings that mean one of the layers alone."""
    linear = find_linear_layers(tree)
    groups = [group for group in linear if group.template in templates]
    ends = [find_unique_suffix(g, [o for o in linear if o is not g]) for g in groups[:SHOWN]]
    if not ends or any("*" in end for end in ends):
        return "where one of them is meant, write a longer ending"
    return f"where one of them is meant, write {' or '.join(f'`{end}`' for end in ends)}"


def _reaches_every_kind(modules: list[WrappedModule], tree: ModuleTree) -> bool:
    """Whether all kinds of linear layers of the blocks are reached, so that each was meant."""
    reached = {w.group.template for w in modules}
    blocks = {_get_block(name) for name in reached}
    return all(
        group.template in reached
        for group in find_linear_layers(tree)
        if _get_block(group.template) in blocks
    )


def _get_block(template: str) -> str:
    return template.partition(".*.")[0]


def _build_towers_hit(
    context: RuleContext, inside: dict[str, list[WrappedModule]], modules: list[WrappedModule]
) -> Hit:
    name, module = next(iter(inside.items()))
    entry = module[0].entries[0] if module[0].entries else None
    total = sum(w.group.count for w in modules)
    return Hit(
        f"the targets reach the {name} part as well: "
        f"{sum(w.group.count for w in module)} of {total} wrapped modules",
        context.entry_place("target_modules", entry) if entry else context.place("target_modules"),
        help="to leave it frozen use exclude_modules with a pattern, such as "
        f"'.*{module[0].group.name.split('.')[_find_tower_index(module[0])]}.*'"
        if context.takes("exclude_modules")
        else "to leave it frozen name the other modules alone, by more of their names",
        field="target_modules",
        notes=(describe_member(module[0].group.name, sum(w.group.count for w in module)),),
    )


def _find_tower_index(wrapped: WrappedModule) -> int:
    """The first part of the name by which it counts to the tower."""
    parts = wrapped.group.name.split(".")
    whole = get_component(wrapped.group.template)
    return next((i for i, p in enumerate(parts) if get_component(p) == whole), 0)


def _collect_examples_by_role(wrapped: list[WrappedModule]) -> dict[str, str]:
    """An example of each role among modules of one part of the model."""
    examples: dict[str, str] = {}
    for one in wrapped:
        role = find_role(one.group.template)
        if role is not None and get_component(one.group.template) in ("attention", "mlp"):
            examples.setdefault(role, one.group.template)
    return examples
