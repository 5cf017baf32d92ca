"""The plan that a rule may judge: PEFT takes the config, and the model is known exactly."""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.records import replace
from loracheck.releases.release_table import format_runs
from loracheck.rules.context import NUMBERS
from loracheck.rules.support.plan_errors import UNREACHED
from loracheck.trees.model import list_parts
from loracheck.trees.sources.bundle import load_index
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from loracheck.documents.values import Value
    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

    T = TypeVar("T")


_NARROWING = ("target_parameters", "exclude_modules", "layers_to_transform", "layers_pattern")
"""Fields that choose layers beside `target_modules`."""


def find_accepted_plan(context: RuleContext) -> tuple[Plan, ModuleTree] | None:
    """Plan and tree where the model is known exactly and PEFT accepts the config, else None."""
    plan, tree = context.plan, context.tree
    if plan is None or tree is None or plan.error is not None:
        return None
    return plan, tree


def find_names_plan(context: RuleContext) -> tuple[Plan, ModuleTree] | None:
    """As `find_accepted_plan`, also where PEFT refuses a number of the config: for rules that look
    at the names of modules alone, so that one mistake does not hide another.
    """
    plan, tree = context.names_plan, context.tree
    if context.refused_beside_targets - NUMBERS:
        return None  # the task says which heads train
    if plan is None or tree is None or tree.partial or plan.error is not None:
        return None
    return plan, tree


def find_saved_plan(context: RuleContext) -> tuple[Plan, ModuleTree] | None:
    """As `find_names_plan` for modules_to_save alone, whose names rest neither on the targets nor
    on other refused fields: where the targets reach nothing, all linear layers stand for them.
    """
    plan, tree = context.names_plan, context.tree
    if plan is None or tree is None or tree.partial:
        return None
    if context.refused_beside_targets & {"task_type", "modules_to_save"}:
        return None
    if plan.error is None:
        return plan, tree
    if plan.error.code not in UNREACHED:
        return None
    defaults: dict[str, Value] = {name: get_lora_fields()[name].default for name in _NARROWING}
    saved_plan = plan_names_with(context, target_modules="all-linear", **defaults)
    return None if saved_plan is None else (saved_plan, tree)


def plan_names_with(context: RuleContext, **fields: Value) -> Plan | None:
    """The context's `names_plan` with other values for some fields, for what the fields that choose
    layers hide; None also where PEFT would refuse these values.
    """
    setting = replace(context.setting, fields={**context.setting.fields, **fields})
    names_plan = type(context)(setting, context.resolved, context.peft).names_plan
    return names_plan if names_plan is not None and names_plan.error is None else None


def build_training_plan(context: RuleContext, plan: Plan | None) -> Plan | None:
    """The plan with inference_mode off, for the figures of training: every adapter that PEFT saved
    has it on.
    """
    if plan is None or context.value("inference_mode") is not True:
        return plan
    fields = {**context.setting.fields, "inference_mode": False}
    training_plan = type(context)(
        replace(context.setting, fields=fields), context.resolved, context.peft
    ).plan
    return training_plan if training_plan is not None and training_plan.error is None else plan


def find_releases_where(
    context: RuleContext, fact: Callable[[Plan], T | None]
) -> list[tuple[str, T]]:
    """("4.49.0 to 4.57.6", fact) for the other transformers releases on whose plan `fact` is the
    same and not None, newest first.
    """
    runs: dict[T, list[tuple[str, str]]] = {}
    for other, plan in context.plans_on_other_releases:
        value = fact(plan)
        if value is not None:
            runs.setdefault(value, []).append((other.newest, other.oldest))
    return [(format_runs(load_index().releases, where), value) for value, where in runs.items()]


def build_notes_on_other_releases(
    context: RuleContext, entry: str, field: str = "target_modules"
) -> tuple[str, ...]:
    """A note for every other transformers release on which the field's entry does match."""
    if not any(_may_match(entry, other.tree) for other in context.other_trees):
        return ()
    here = context.tree.transformers if context.tree else None

    def count_matches(plan: Plan) -> int | None:
        return next((m.matched for m in plan.list_matches(field) if m.entry == entry), 0) or None

    return tuple(
        f"it matches on transformers {releases}, where "
        f"{count} module{'s have' if count > 1 else ' has'} the name; judged here: {here}"
        for releases, count in find_releases_where(context, count_matches)
    )


def _may_match(entry: str, tree: ModuleTree) -> bool:
    """Whether an entry may match a module: whether, as far as it is a plain name, a module's name
    ends with its last part. The plan says it for certain, and costs more.
    """
    last = entry.rpartition(".")[2]
    if not entry.replace(".", "").isidentifier() or not last.isidentifier():
        return True
    return any(part.endswith(last) for part in list_parts(tree))
