"""From what happened in a run to the `Plan` that others read."""

from __future__ import annotations

from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import count_elements, list_unique_parameters
from loracheck.plan.injection.wrapping import WRAPPER_KINDS
from loracheck.plan.model import Plan, SavedModule, WrappedModule
from loracheck.type_checking import TYPE_CHECKING

from .entry_matches import EntryMatcher

if TYPE_CHECKING:
    from typing import Any

    from loracheck.plan.graph.module_graph import Module
    from loracheck.plan.injection.modules_to_save import AuxiliaryModule
    from loracheck.plan.injection.simulation import Simulation
    from loracheck.plan.injection.wrapping import WrappedLayer
    from loracheck.plan.model import EntryMatch


def build_plan(run: Simulation, unknown: tuple[str, ...]) -> Plan:
    """The plan of a finished (or failed) run."""
    if run.error is not None:
        # How far PEFT came depends on the order of single modules; none of it is of use.
        run.hits, run.tied_hits, run.tokens = [], [], []
    layers = run.wrapping.wrapped_layers if run.wrapping and run.error is None else []
    readable = run.error is None or run.error.code != "wrong-type"
    reached = EntryMatcher(run) if readable else None
    counts = None if unknown or run.error or run.config.method else run.counts
    return Plan(
        error=run.error,
        warnings=run.log.list_all(),
        wrapped=tuple(_build_wrapped(one, reached) for one in layers if reached is not None),
        saved=(
            *(_build_saved(hit, run.automatic, tied=False) for hit in run.hits),
            *(_build_saved(hit, (), tied=True) for hit in run.tied_hits),
        ),
        tokens=tuple(run.tokens),
        entry_matches=_count_entry_matches(reached),
        trainable=counts[0] if counts else None,
        total=counts[1] if counts else None,
        targeted=sum(one.request.module.group.count for one in layers),
        unknown=unknown,
    )


def _count_entry_matches(matcher: EntryMatcher | None) -> tuple[EntryMatch, ...]:
    """What the entries came to; nothing where they cannot even be read."""
    try:
        return matcher.list_all() if matcher is not None else ()
    except RefusedError:  # a pattern that PEFT never came to try
        return ()


def _build_wrapped(one: WrappedLayer, matcher: EntryMatcher) -> WrappedModule:
    request, layer = one.request, one.layer.module
    base = str(request.module.get_base_layer().kind)
    kind: Any = "parameter" if one.parameter else WRAPPER_KINDS.get(base, "other")
    return WrappedModule(
        group=request.module.group,
        kind=kind,
        rank=request.rank,
        alpha=request.alpha,
        scaling=one.layer.scaling,
        parameters=count_added_elements(layer),
        entries=matcher.list_entries_behind(request.name, one.parameter),
        field="target_parameters" if matcher.is_parameter(one.parameter) else "target_modules",
        parameter=one.parameter,
        tied=one.tied,
    )


def count_added_elements(layer: Module) -> int:
    """Elements that one LoRA layer adds to the model."""
    parts = [p for name, p in layer.children.items() if name != "base_layer"]
    total = sum(
        parameter.size
        for parameter in list_unique_parameters(*(p for p in parts if p.children or p.parameters))
    )
    if layer.kind == "MultiheadAttention" and layer.base is not None:
        total += count_added_elements(layer.base.children["out_proj"])
    return total


def _build_saved(hit: AuxiliaryModule, automatic: tuple[str, ...], *, tied: bool) -> SavedModule:
    twin = hit.wrapper.copy
    return SavedModule(
        group=hit.module.group,
        name=hit.name,
        parameters=count_elements(twin) if twin is not None else 0,
        entry=hit.entry,
        automatic=hit.entry in automatic,
        tied=tied,
    )
