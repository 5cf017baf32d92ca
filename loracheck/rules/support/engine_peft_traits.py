"""What one PEFT release, as the loader of a saved adapter, stumbles over: fields that it does not
know, a config that it refuses on the model, weights that its layers do not have, the sides of
experts' matrices.
"""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.config.release_values import parse_release_number
from loracheck.documents.model import Unknown
from loracheck.engines import Trait
from loracheck.type_checking import TYPE_CHECKING

from .expected_weights import collect_modules_to_adapt, is_inside_any, list_parameter_holders
from .parameter_weights import TRANSPOSED, get_matrix_sides, list_parameter_weights
from .phrases import quote_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext

SILENT = ("peft_version", "auto_mapping", "revision")
"""Fields that say nothing of what the adapter does."""


def find_peft_traits(context: RuleContext, release: str) -> list[Trait]:
    """The traits for PEFT at `release`, each with the field to speak of."""
    traits = list(_find_field_traits(context, release))
    plan = type(context)(context.setting, context.resolved, release).plan
    if plan is None:
        return traits
    if plan.error is not None:
        return [*traits, Trait("refused-config", "target_modules", plan.error.message)]
    return [*traits, *_find_weight_traits(context, plan)]


def _find_field_traits(context: RuleContext, release: str) -> Iterator[Trait]:
    """The fields of the file that came after the release: all, and those that do something."""
    if context.setting.form != "adapter_config":
        return
    newer = [name for name in context.setting.fields if _is_newer(name, release)]
    used = [name for name in newer if name not in SILENT and _does_something(context, name)]
    for what, names in (("written-fields", newer), ("used-fields", used)):
        if names:
            yield Trait(what, names[0], quote_names(names[:6]), count=len(names))


def _is_newer(name: str, release: str) -> bool:
    field = get_lora_fields().get(name)
    return field is not None and parse_release_number(field.since) > parse_release_number(release)


def _does_something(context: RuleContext, name: str) -> bool:
    """Whether the field has a value that changes how the adapter acts when it is loaded. Which
    modules have weights the weights themselves say, too.
    """
    value: Any = context.value(name)
    if not value or isinstance(value, Unknown) or value == get_lora_fields()[name].default:
        return False
    weights = context.weights
    if name == "target_parameters" and weights is not None:
        return any(key.split(".")[-1] in ("experts", "base_layer") for key in weights.layers)
    return name not in ("exclude_modules", "qalora_group_size") and not name.endswith("_config")


def _find_weight_traits(context: RuleContext, plan: Plan) -> Iterator[Trait]:
    weights = context.weights
    if weights is None or weights.fault or weights.foreign:
        return
    modules, holders = collect_modules_to_adapt(plan), list_parameter_holders(plan)
    over = [
        name
        for name in weights.layers
        if name not in modules and not is_inside_any(name, holders) and ".experts." not in name
    ]
    experts = [name for name in weights.layers if ".experts" in name and not holders]
    missing = list(dict.fromkeys([*over, *(name for name in experts if name not in modules)]))
    if missing and not any(wrapped.tied for wrapped in plan.wrapped):
        value = f"{len(missing):,} of {len(weights.layers):,} modules"
        yield Trait("lost-weights", "target_modules", value)
    for one in list_parameter_weights(plan, weights.layers):
        _, second, third = one.shape
        family = (context.tree.cls or "").rpartition(".")[2] if context.tree is not None else ""
        if second != third and family and not family.startswith(TRANSPOSED):
            if get_matrix_sides(one) == (second, third):
                yield Trait("old-sides", "target_parameters", one.key)
                return
            if get_matrix_sides(one) == (third, second):
                yield Trait("new-sides", "target_parameters", one.key)
                return
