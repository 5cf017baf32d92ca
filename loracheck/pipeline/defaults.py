"""What of a setting is only a default that its script gives: the model, or values of LoraConfig's
fields that an option of the command line, a dataclass or a parameter may change.
"""

from __future__ import annotations

from loracheck.trees.sources.request import NO_MODEL
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules import RuleContext


def find_certain_context(context: RuleContext, *, model_is_chosen: bool) -> RuleContext:
    """The setting as far as it is certain whatever the script is run with; the context itself where
    nothing of it is a default. `model_is_chosen` says that the caller names the model.
    """
    setting = context.setting
    without_model = setting.assumed and not model_is_chosen and context.tree is not None
    if not (without_model or setting.assumed_fields):
        return context
    from copy import copy

    certain = copy(setting)
    unknown = setting.assumed_fields
    certain.fields = {key: unknown.get(key, value) for key, value in setting.fields.items()}
    certain.method_values = {k: unknown.get(k, value) for k, value in setting.method_values.items()}
    return context.with_tree(NO_MODEL if without_model else context.resolved, certain)


def describe_defaults(context: RuleContext, certain: RuleContext, field: str | None) -> str:
    """The note of a finding that rests on defaults, `field` being the one that it speaks of."""
    setting = context.setting
    if field in setting.assumed_fields:
        return f"the script's own default is taken for `{field}`"
    if certain.resolved is not context.resolved and setting.run_by:
        return f"{setting.run_by} runs the script with {setting.model}"
    if certain.resolved is not context.resolved:
        return f"{setting.model} is the model only where nobody names another"
    names = ", ".join(f"`{name}`" for name in setting.assumed_fields)
    return f"the script's own defaults are taken: {names}"
