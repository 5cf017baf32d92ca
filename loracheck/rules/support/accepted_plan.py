"""The plan that a rule may judge: PEFT takes the config, and the model is known exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree


def accepted_plan(context: RuleContext) -> tuple[Plan, ModuleTree] | None:
    """Plan and tree where PEFT accepts the config on an exactly known model, else None."""
    plan, tree = context.plan, context.tree
    if plan is None or tree is None or plan.error is not None:
        return None
    return plan, tree


def notes_on_other_releases(
    context: RuleContext, entry: str, field: str = "target_modules"
) -> tuple[str, ...]:
    """A note for every other transformers line on which the field's entry does match."""
    here = context.tree.transformers if context.tree else None
    return tuple(
        f"it matches on transformers {version}, where "
        f"{found.matched} module{'s have' if found.matched > 1 else ' has'} the name; "
        f"judged here: {here}"
        for version, plan in context.plans_on_other_releases
        for found in plan.matches_of(field)
        if found.entry == entry and found.matched
    )
