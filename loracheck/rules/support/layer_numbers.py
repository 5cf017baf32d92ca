"""The numbers that the layers of a model have."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .numbered_names import has_number

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext


def count_layers(context: RuleContext) -> int | None:
    """How many layers the model's config says that there are; None where it is not known."""
    count = dict(context.tree.extra).get("num_hidden_layers") if context.tree else None
    return count if isinstance(count, int) else None


def describe_layers(context: RuleContext, number: object) -> str | None:
    """The help for a number that selects nothing: which layers there are, or, where the model has
    the layer, why it is not selected.
    """
    count = count_layers(context)
    if not isinstance(number, int) or count is None:
        return None
    if 0 <= number < count:
        return _explain_unselected_layer(context)
    if -count <= number < 0:
        return f"negative numbers do not count from the end; write {count + number}"
    return f"the model has layers 0 to {count - 1}"


def _explain_unselected_layer(context: RuleContext) -> str:
    """Why a layer that is there selects none of the targeted modules (PEFT 0.21.2
    tuners/tuners_utils.py, check_target_module_exists).
    """
    targets = context.value("target_modules")
    if isinstance(targets, (list, tuple)) and targets and all(map(has_number, map(str, targets))):
        return "leave layers_to_transform out: a full name stands for its layer already"
    if context.value("layers_pattern"):
        return "leave layers_pattern out, or give it the name of the list that holds the layers"
    if context.value("target_parameters"):
        return "leave layers_to_transform out: it does not choose among target_parameters"
    return "the layer is there, and has none of the targeted modules"
