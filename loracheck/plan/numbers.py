"""Plans of configs that differ in their numbers and in the order of their targets alone.

PEFT makes a set of the targets, and a plain LoRA layer of rank r has r times the weights of one of
rank 1. So one plan stands for all such configs: `split_numbers` takes the numbers out of a config,
`build_template` says whether the plan of what is left can stand for others, and `fill_numbers`
gives the plan of one of them. What it gives is what `plan` gives.
"""

from __future__ import annotations

import math
from functools import cache

from loracheck.config.field_table import get_lora_fields
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeGuard

    from loracheck.documents.values import Value
    from loracheck.trees.model import ModuleTree

    from .model import EntryMatch, Plan, WrappedModule

MAX_NUMBER = 2**31
"""Ranks and alphas above it are left to `plan`, which has the errors that they may give."""

FREE = frozenset(
    [
        *("r", "lora_alpha", "lora_dropout", "target_modules", "exclude_modules"),
        *("layers_to_transform", "layers_pattern", "modules_to_save", "task_type", "bias"),
        *("fan_in_fan_out", "inference_mode", "use_rslora", "init_lora_weights"),
        *("peft_type", "auto_mapping", "peft_version", "base_model_name_or_path", "revision"),
    ]
)
"""Fields whose values leave the numbers what they are; all others must be at their defaults."""

SWITCHES = ("inference_mode", "use_rslora", "init_lora_weights")
"""Fields of `FREE` that must be true or false."""

_TEXTS = frozenset({str})

KINDS = frozenset({"linear", "embedding", "conv"})
"""Kinds of wrapped modules whose layers grow with the rank and by nothing else."""


class Numbers(NamedTuple):
    """What was taken out of a config: `targets` are a list of targets in its order."""

    rank: int
    alpha: float
    use_rslora: bool
    targets: tuple[str, ...] | None


class Template(NamedTuple):
    """A plan with rank 1, and the elements that its LoRA layers have in the whole model."""

    plan: Plan
    elements: int
    trains: bool
    """Whether the LoRA layers are trained, so that they count as such."""


class SplitConfig(NamedTuple):
    """A config with rank 1, alpha 1 and its list of targets sorted, and what was there."""

    config: dict[str, Value]
    numbers: Numbers

    words: str
    """`config` as a text, which tells 1, 1.0 and True apart."""


def split_numbers(values: Mapping[str, Value]) -> SplitConfig | None:
    """The config without its numbers; None where these may decide more than sizes."""
    defaults = _get_defaults()
    for name in values.keys() & defaults.keys():
        if name not in FREE and not _is_default(values[name], defaults[name]):
            return None
    for name in SWITCHES:
        if type(values.get(name, False)) is not bool:
            return None
    rank = values.get("r", defaults["r"])
    alpha = values.get("lora_alpha", defaults["lora_alpha"])
    dropout = values.get("lora_dropout", defaults["lora_dropout"])
    if type(rank) is not int or not 0 < rank < MAX_NUMBER:
        return None
    if not _is_number(alpha) or not -MAX_NUMBER < alpha < MAX_NUMBER:
        return None
    if not _is_number(dropout) or not 0 <= dropout <= 1:
        return None
    # Where a rate of dropout is refused, there is no template, and the plan is made for itself.
    config = {**values, "r": 1, "lora_alpha": 1, "lora_dropout": 0.5}
    targets = _list_names(values.get("target_modules"))
    if targets is not None:
        config["target_modules"] = [*sorted(targets)]
    numbers = Numbers(rank, alpha, bool(values.get("use_rslora")), targets)
    return SplitConfig(config, numbers, repr(sorted(config.items())))


@cache
def _get_defaults() -> dict[str, Value]:
    return {name: field.default for name, field in get_lora_fields().items()}


def _list_names(value: Value) -> tuple[str, ...] | None:
    """The names of a list, each once; None for all else."""
    if not isinstance(value, list) or not _TEXTS.issuperset(map(type, value)):
        return None
    return tuple(dict.fromkeys(map(str, value)))


def _is_number(value: Value) -> TypeGuard[float]:
    return type(value) in (int, float)


def _is_default(value: Value, default: Value) -> bool:
    return type(value) is type(default) and value == default


def build_template(
    plan: Plan | None, values: Mapping[str, Value], tree: ModuleTree
) -> Template | None:
    """The template of `split_numbers`' config, or None where its plan stands for itself alone: a
    message may tell the targets in their order, and a copy of a layer counts once more.
    """
    if plan is None or plan.error is not None or plan.warnings or plan.unknown:
        return None
    if plan.saved or plan.tokens or tree.aliases or plan.total is None or plan.trainable is None:
        return None
    targets = values.get("target_modules")
    for one in plan.wrapped:
        if one.kind not in KINDS or one.tied or one.rank != 1:
            return None
        if type(targets) is list and not set(one.entries) <= set(targets):
            return None
    elements = sum(one.parameters * one.group.count for one in plan.wrapped)
    return Template(plan, elements, not values.get("inference_mode", False))


def fill_numbers(template: Template, numbers: Numbers) -> Plan:
    """The plan of the config that the numbers were taken out of."""
    plan, more = template.plan, template.elements * (numbers.rank - 1)
    scaling = compute_factor(numbers.alpha, numbers.rank, use_rslora=numbers.use_rslora)
    return plan._replace(
        wrapped=tuple(_fill(one, numbers, scaling) for one in plan.wrapped),
        entry_matches=_sort_matches(plan, numbers.targets),
        trainable=(plan.trainable or 0) + (more if template.trains else 0),
        total=(plan.total or 0) + more,
    )


def compute_factor(alpha: float, rank: int, *, use_rslora: bool) -> float:
    """`scaling`: alpha / r, or alpha / sqrt(r) with rsLoRA (arXiv:2312.03732)."""
    return float(alpha / (math.sqrt(rank) if use_rslora else rank))


def _fill(one: WrappedModule, numbers: Numbers, scaling: float) -> WrappedModule:
    entries = one.entries
    if numbers.targets is not None and len(entries) > 1:
        entries = tuple(entry for entry in numbers.targets if entry in entries)
    return one._replace(
        rank=numbers.rank,
        alpha=numbers.alpha,
        scaling=scaling,
        parameters=one.parameters * numbers.rank,
        entries=entries,
    )


def _sort_matches(plan: Plan, targets: tuple[str, ...] | None) -> tuple[EntryMatch, ...]:
    """The matches of the entries, those of a list of targets, which come first, in its order."""
    matches = plan.entry_matches
    if targets is None:
        return matches
    by_entry = {one.entry: one for one in matches[: len(targets)]}
    return (*(by_entry[entry] for entry in targets), *matches[len(targets) :])
