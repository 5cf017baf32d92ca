"""From what happened in a run to the `Plan` that others read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import size, unique
from loracheck.plan.injection.wrapping import KINDS
from loracheck.plan.model import Plan, Saved, Wrapped

from .entry_matches import Reached

if TYPE_CHECKING:
    from loracheck.plan.graph.module_graph import Mod
    from loracheck.plan.injection.modules_to_save import Hit
    from loracheck.plan.injection.simulation import Run
    from loracheck.plan.injection.wrapping import Made
    from loracheck.plan.model import Reach


def tell(run: Run, unknown: tuple[str, ...]) -> Plan:
    """The plan of a finished (or failed) run."""
    if run.error is not None:
        # How far PEFT came depends on the order of single modules; none of it is of use.
        run.hits, run.tied_hits, run.tokens = [], [], []
    made = run.wrapping.made if run.wrapping and run.error is None else []
    readable = run.error is None or run.error.code != "wrong-type"
    reached = Reached(run) if readable else None
    counted = None if unknown or run.error else run.counts
    return Plan(
        error=run.error,
        warnings=run.warned.all(),
        wrapped=tuple(_wrapped(one, reached) for one in made if reached is not None),
        saved=(
            *(_saved(hit, run.automatic, tied=False) for hit in run.hits),
            *(_saved(hit, (), tied=True) for hit in run.tied_hits),
        ),
        tokens=tuple(run.tokens),
        reaches=_reaches(reached),
        trainable=counted[0] if counted else None,
        total=counted[1] if counted else None,
        targeted=sum(one.asked.mod.group.count for one in made),
        unknown=unknown,
    )


def _reaches(reached: Reached | None) -> tuple[Reach, ...]:
    """What the entries came to; nothing where they cannot even be read."""
    try:
        return reached.all() if reached is not None else ()
    except RefusedError:  # a pattern that PEFT never came to try
        return ()


def _wrapped(one: Made, reached: Reached) -> Wrapped:
    asked, layer = one.asked, one.built.layer
    kind: Any = "parameter" if one.parameter else KINDS[str(asked.mod.unwrapped().kind)]
    return Wrapped(
        group=asked.mod.group,
        kind=kind,
        rank=asked.rank,
        alpha=asked.alpha,
        scaling=one.built.scaling,
        parameters=added(layer),
        entries=reached.entries(asked.name, one.parameter),
        field="target_parameters" if reached.by_parameter(one.parameter) else "target_modules",
        parameter=one.parameter,
        tied=one.tied,
    )


def added(layer: Mod) -> int:
    """Elements that one LoRA layer adds to the model."""
    parts = [p for name, p in layer.children.items() if name != "base_layer"]
    total = sum(par.size for par in unique(*(p for p in parts if p.children or p.pars)))
    if layer.kind == "MultiheadAttention" and layer.base is not None:
        total += added(layer.base.children["out_proj"])
    return total


def _saved(hit: Hit, automatic: tuple[str, ...], *, tied: bool) -> Saved:
    twin = hit.wrapper.copy
    return Saved(
        group=hit.mod.group,
        name=hit.name,
        parameters=size(twin) if twin is not None else 0,
        entry=hit.entry,
        automatic=hit.entry in automatic,
        tied=tied,
    )
