"""The traits of an adapter that the fields of its config make: rank, scaling, switches, and modules
that train in full.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.engines import Trait
from loracheck.type_checking import TYPE_CHECKING

from .engine_weight_traits import (
    classify_saved_entry,
    classify_saved_name,
    find_highest_rank,
)
from .fix_builders import find_plain_value_path
from .scalings import compute_scaling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.plan.model import SavedModule
    from loracheck.rules.context import RuleContext


TRAITS_OF_SWITCHES = {"use_dora": "dora", "lora_bias": "lora-bias"}

TRAITS_OF_VALUES = {
    "trainable_token_indices": "tokens",
    "alora_invocation_tokens": "alora",
    "layer_replication": "replication",
    "use_bdlora": "bdlora",
    "use_qalora": "qalora",
    "alpha_pattern": "alpha-pattern",
    "rank_pattern": "rank-pattern",
    "target_parameters": "parameters",
}

CHANGES_BASE = ("pissa", "olora", "corda", "loftq")
"""Initialisations that change the base weights (PEFT 0.21.2 `tuners/lora/layer.py`)."""


def find_field_traits(context: RuleContext) -> Iterator[Trait]:
    """The traits that the values of the config's fields make."""
    yield Trait("peft", "peft_type")
    yield from _find_rank_trait(context)
    for field, what in TRAITS_OF_SWITCHES.items():
        if context.value(field) is True:
            yield Trait(what, field)
    if context.value("use_rslora") is True:
        yield Trait("rslora", "use_rslora", compare_scalings(context))
    for field, what in TRAITS_OF_VALUES.items():
        value = context.value(field)
        if value and not isinstance(value, Unknown) and not _changes_nothing(context, field):
            yield Trait(what, field, entry=_find_first_name(value))
    yield from _find_parameter_traits(context)
    yield from _find_scaling_traits(context)
    if context.value("bias") in ("all", "lora_only"):
        yield Trait("bias", "bias", context.value("bias"))
    init = context.value("init_lora_weights")
    if isinstance(init, str) and init.lower().startswith(CHANGES_BASE):
        yield Trait("init", "init_lora_weights", init)
    targets = context.value("target_modules")
    # A tool that has patterns of its own writes the names that they reached.
    settings = (
        context.setting.purpose == "saved"
        or find_plain_value_path(context, "target_modules") is not None
    )
    if isinstance(targets, str) and targets not in ("all-linear", "all") and settings:
        yield Trait("regex", "target_modules")
    if isinstance(context.value("layers_to_transform"), (int, list)):
        yield Trait("some-layers", "layers_to_transform", "layers_to_transform")
    yield from _find_saved_traits(context)


def _changes_nothing(context: RuleContext, field: str) -> bool:
    """Whether `field` is a rank_pattern that gives every layer the config's own rank, or
    target_parameters with weights of plain layers, which are saved as those of LoRA on the layers.
    """
    plan = context.plan
    if field == "target_parameters":
        names = list_entries(_get_target_parameters(context))
        return bool(names) and all(str(name).endswith(".weight") for name in names)
    if field != "rank_pattern" or plan is None or not plan.wrapped:
        return False
    return {wrapped.rank for wrapped in plan.wrapped} == {context.value("r")}


def _find_parameter_traits(context: RuleContext) -> Iterator[Trait]:
    """One of an expert bank's two parameters without the other."""
    names = {str(name).rpartition(".")[2] for name in list_entries(_get_target_parameters(context))}
    both = {"gate_up_proj", "down_proj"}
    if len(names & both) == 1:
        yield Trait("one-parameter", "target_parameters", (names & both).pop())


def _get_target_parameters(context: RuleContext) -> Any:
    return context.value("target_parameters")


def _find_scaling_traits(context: RuleContext) -> Iterator[Trait]:
    """A factor on the update that is not 1, and an alpha with a decimal point."""
    rank, alpha = context.value("r"), context.value("lora_alpha")
    if isinstance(alpha, float) and context.setting.form == "adapter_config":
        yield Trait("float-alpha", "lora_alpha", str(alpha))
    if type(rank) is int and rank > 0 and isinstance(alpha, (int, float)):
        scaling = compute_scaling(alpha, rank, is_rslora=context.value("use_rslora") is True)
        if scaling is not None and scaling != 1:
            yield Trait("scaling", "lora_alpha", f"{scaling:.4g}")


def list_entries(value: Value) -> list[Value]:
    """The entries of a list; none for a value that is no list."""
    return list(value) if isinstance(value, (list, tuple)) else []


def compare_scalings(context: RuleContext) -> str:
    """The scaling without rsLoRA and with it."""
    rank, alpha = context.value("r"), context.value("lora_alpha")
    if isinstance(rank, int) and rank > 0 and isinstance(alpha, (int, float)):
        plain, rslora_scaling = (
            compute_scaling(alpha, rank),
            compute_scaling(alpha, rank, is_rslora=True),
        )
        if plain is not None and rslora_scaling is not None:
            return f"{plain:.3g} instead of {rslora_scaling:.3g}"
    return "weaker by the square root of r"


def _find_first_name(value: Value) -> str | None:
    entry = next(iter(value), None) if isinstance(value, (dict, list, tuple)) else None
    return entry if isinstance(entry, str) else None


def _find_rank_trait(context: RuleContext) -> Iterator[Trait]:
    """The highest rank that the config sets, with its place."""
    pattern = context.value("rank_pattern")
    ranks: list[tuple[Any, str, str | None]] = [(context.value("r"), "r", None)]
    if isinstance(pattern, dict):
        ranks += [(rank, "rank_pattern", str(key)) for key, rank in pattern.items()]
    known_rows = [row for row in ranks if isinstance(row[0], int) and not isinstance(row[0], bool)]
    if known_rows:
        rank, field, entry = max(known_rows, key=lambda row: row[0])
        yield Trait("rank", field, max(rank, find_highest_rank(context)), entry)


def _find_saved_traits(context: RuleContext) -> Iterator[Trait]:
    """Modules trained in full: those listed, and those that PEFT adds for the task."""
    plan = context.plan
    kinds = (
        {saved.entry: _classify_saved(saved) for saved in plan.saved} if plan is not None else {}
    )
    entries = list_entries(context.value("modules_to_save"))
    # An engine that reads the config refuses a name of nothing too; a head's other name, which
    # PEFT lists beside it, is told with the head.
    there = any(entry in kinds for entry in entries if isinstance(entry, str))
    for entry in dict.fromkeys(one for one in entries if isinstance(one, str)):
        if entry in kinds or not there:
            unseen = "saved" if plan is not None else classify_saved_entry(context, entry)
            yield Trait(kinds.get(entry, unseen), "modules_to_save", entry, entry)
    for saved in plan.saved if plan is not None else ():
        if saved.automatic and saved.entry not in entries:
            yield Trait(kinds[saved.entry], "task_type", saved.entry)
    if not entries and context.setting.behaviour.saves_embeddings:
        # The tool takes the name from the model, which is not known here: the usual one.
        yield Trait("saved", "modules_to_save", "embed_tokens")


def _classify_saved(saved: SavedModule) -> str:
    """What an engine that reads the tensors' names tells apart: a norm, a module inside the layers,
    a block of several layers.
    """
    what = classify_saved_name(saved.name)
    return f"{what}-block" if what == "saved" and saved.group.node.children else what
