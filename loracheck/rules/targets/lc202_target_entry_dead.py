"""One entry of `target_modules` matches nothing while others do.

## What
A name in the list that no module of this model has, or one in `target_parameters` that no
parameter has. PEFT is content as soon as one entry matches.

## Why
The run finishes and looks normal, and part of the model was never adapted: Llama's seven names on
Phi-3 reach two modules of each layer, because Phi-3 fuses `qkv_proj` and `gate_up_proj`. A list
that is merely reused, where nothing that the name stands for is left out, is a note only. The code
of a paper trained without a third of its adapter that way (dllm-reasoning/d1 issue 6); the demand
for a warning is huggingface/peft issue 1959.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "microsoft/Phi-3-mini-4k-instruct", "r": 16,
 "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "microsoft/Phi-3-mini-4k-instruct", "r": 16,
 "target_modules": ["qkv_proj", "o_proj"]}
```

## Fix
Write the name that the module has in this model, or take the entry out. `--unsafe-fixes` does it
where the counterpart is known.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`inject_adapter`: only a config without any match is
an error), executed.
"""

from __future__ import annotations

import re

from loracheck.rules.support import name_typos
from loracheck.rules.support.accepted_plan import build_notes_on_other_releases, plan_names_with
from loracheck.rules.support.assignments import format_assignment
from loracheck.rules.support.diffusion_names import is_of_first_layout, names_in_diffusers
from loracheck.rules.support.expert_banks import EXPERT_ROLES, collect_parameters, find_expert_banks
from loracheck.rules.support.joined_names import split_joined_names
from loracheck.rules.support.linear_layers import (
    describe_linear_layers,
    find_linear_layers,
    find_unreached_layers,
    measure_share,
)
from loracheck.rules.support.numbered_names import find_last_layer, find_meant_modules
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.plan_errors import UNREACHED
from loracheck.rules.types import Hit, Repeat
from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.roles import find_role
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Path
    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC202"
NAME = "target-entry-dead"
SEVERITY = "warning"
FIXABLE = True

_UNSELECTED = {"layers_to_transform": None, "layers_pattern": None}


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every dead entry; a note where nothing that it stands for is left unreached."""
    if context.setting.behaviour.selection is not None:
        from loracheck.rules.support.selected_layers import find_dead_filter_hits

        yield from find_dead_filter_hits(context)
        return
    plan, tree, selected = context.names_plan, context.tree, True
    if plan is not None and plan.error is not None and plan.error.code in UNREACHED:
        # LC201 speaks; where no layer is left, the names are looked at without the selection.
        selected = context.value("layers_to_transform") is None
        plan = None if selected else plan_names_with(context, **_UNSELECTED)
    if plan is None or tree is None or plan.error is not None:
        return
    dead: list[str | int] = [
        r.entry
        for r in plan.entry_matches
        if r.field == "target_modules" and not r.matched and not _is_filled_in(context)
    ]
    dead += [part for part in _list_dead_parts(context, tree) if part not in dead]
    unreached = find_unreached_layers(plan, tree) if dead else []
    share_is_described, written_names = not selected, set[str]()
    for entry in dead:
        formed = (
            name_typos.has_rule_of_its_own(str(entry))
            and entry not in context.setting.behaviour.parts
        )
        if formed or split_joined_names(str(entry)):
            continue
        known = _names_experts(context, tree, entry)
        names = [] if known else find_meant_modules(str(entry), tree, unreached)
        yield _build_hit(
            context,
            entry,
            names,
            () if share_is_described else _describe_share(plan, tree),
            written_names,
        )
        share_is_described = share_is_described or bool(names)
    yield from _check_target_parameters(context, plan, tree)


def _names_experts(context: RuleContext, tree: ModuleTree, entry: str | int) -> bool:
    """Whether an entry is a parameter of fused experts, which the tool adapts by that name."""
    if not context.setting.behaviour.adds_experts or tree.partial:
        return False
    banks = find_expert_banks(tree).values()
    return any(p.name == entry and p.shape[0] for bank in banks for p in bank.node.parameters)


def _is_filled_in(context: RuleContext) -> bool:
    """Whether the list is a tool's own, made for many models, which no one can mend in the file."""
    setting = context.setting
    return setting.form == "tool" and "target_modules" not in setting.places


def _check_target_parameters(context: RuleContext, plan: Plan, tree: ModuleTree) -> Iterator[Hit]:
    """A hit for each entry of target_parameters that no parameter has."""
    for reach in plan.list_matches("target_parameters"):
        if not reach.matched:
            banks = find_expert_banks(tree)
            module = collect_parameters(banks) if banks else []
            yield Hit(
                f"`{reach.entry}` matches no parameter of {tree.cls}",
                context.entry_place("target_parameters", reach.entry),
                help=f"the experts' parameters are {quote_names(module)}"
                if module
                else "remove it",
                field="target_parameters",
                repeat=Repeat(f"match no parameter of {tree.cls}", subject=f"`{reach.entry}`"),
            )


def _list_dead_parts(context: RuleContext, tree: ModuleTree) -> list[str]:
    """Entries that the tool joins with others and that match nothing by themselves."""
    if not context.setting.behaviour.parts:
        return []
    names = [group.name for group in group_modules(tree, Splitter())]
    parts = context.setting.behaviour.parts.items()
    return [part for part, (expression, _) in parts if not _may_match(expression, names)]


def _may_match(expression: str, names: list[str]) -> bool:
    from loracheck.plan.errors import RefusedError
    from loracheck.plan.matching.regexes import compile_pattern

    try:
        return any(map(compile_pattern(expression, "target_modules", whole=True), names))
    except RefusedError:  # another rule says so
        return True


def _describe_share(plan: Plan, tree: ModuleTree) -> tuple[str, ...]:
    """A note on how much the config does reach; it stands at the first dead entry."""
    reached = f"LoRA reaches {measure_share(plan, tree)}"
    return (reached, f"{tree.cls} has {describe_linear_layers(tree)}")


def _build_hit(
    context: RuleContext,
    entry: str | int,
    names: list[str],
    facts: tuple[str, ...],
    written_names: set[str],
) -> Hit:
    """The hit for a dead entry: a warning where something that the name stands for is left out,
    else a note. `written_names` are the names that the fixes of earlier entries write.
    """
    from loracheck.rules.support import fix_builders

    lines = build_notes_on_other_releases(context, str(entry))
    layout_names = _find_layout_names(context, str(entry))
    has_help = names or _build_help_for_known_slips(context, str(entry)) is not None
    invented = not has_help and _is_invented(context, str(entry))
    if invented:
        lines = (*lines, "no model that is known here has a module of that name")
    cls = context.tree.cls if context.tree else None
    return Hit(
        f"`{entry}` matches no module of {cls}",
        _place(context, entry),
        help=f"in this model it is {quote_names(names)}"
        if names
        else _build_help_without_counterpart(context, str(entry)),
        field="target_modules",
        notes=(*facts, *lines) if names else lines,
        severity=None if has_help or invented else "note",
        fix=fix_builders.replace_target(context, str(entry), names, written_names),
        repeat=Repeat(
            f"match no module of {cls}",
            subject=f"`{entry}`",
            mend=quote_names(names or layout_names) if names or layout_names else None,
        ),
    )


def _is_invented(context: RuleContext, entry: str) -> bool:
    """Whether a plain name is no module's in any model, so that no shared list of names can have
    meant it. What PEFT has saved was trained without it, and is let be.
    """
    leaf = entry.rpartition(".")[2]
    if context.setting.purpose == "saved" or not re.fullmatch(r"[A-Za-z]\w{3,}", leaf):
        return False
    if find_role(leaf) is not None or leaf in name_typos.LINEAR_NAMES:
        return False
    from loracheck.trees.sources import bundle, diffusers_bundle

    return not (bundle.has_module_name(leaf) or diffusers_bundle.has_module_name(leaf))


def _place(context: RuleContext, entry: str | int) -> Path:
    part = context.setting.behaviour.parts.get(str(entry))
    return part[1] if part else context.entry_place("target_modules", entry)


def _build_help_without_counterpart(context: RuleContext, entry: str) -> str:
    """The help for a name that has no counterpart among the linear layers that are left out."""
    slip_help = _build_help_for_known_slips(context, entry)
    if slip_help is not None:
        return slip_help
    if context.tree is not None and find_role(entry) in EXPERT_ROLES:
        banks = find_expert_banks(context.tree)
        if banks:
            names = collect_parameters(banks)
            assignment = format_assignment(context.setting, "target_parameters", names)
            return f"the experts are parameters here; {assignment} reaches them"
    return "remove it"


def _build_help_for_known_slips(context: RuleContext, entry: str) -> str | None:
    """The help for a layer that the model does not have, and for a name of the layout in which a
    model of diffusers was first published; None for any other entry.
    """
    tree = context.tree
    if tree is None:
        return None
    last = find_last_layer(entry, tree)
    if last is not None:
        return f"the numbers go from 0 to {last} here"
    names = _find_layout_names(context, entry)
    return f"in this model it is {quote_names(names)}" if names else None


def _find_layout_names(context: RuleContext, entry: str) -> list[str]:
    """The names here of an entry in the layout in which a model of diffusers was first published,
    whether other entries reach them or not.
    """
    tree = context.tree
    if tree is None or not is_of_first_layout(entry, tree):
        return []
    return names_in_diffusers(entry, tree, find_linear_layers(tree))
