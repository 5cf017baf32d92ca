"""From what happened in a run to the `Plan` that others read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import Plan, Saved, Wrapped
from .modules import Par, size, unique
from .reaching import Reached
from .wrapping import KINDS

if TYPE_CHECKING:
    from .inject import Run
    from .modules import Mod
    from .saving import Hit
    from .wrapping import Made


def tell(run: Run, unknown: tuple[str, ...]) -> Plan:
    """The plan of a finished (or failed) run."""
    made = run.wrapping.made if run.wrapping else []
    reached = Reached(run)
    counted = None if unknown or run.error else run.counts
    return Plan(
        error=run.error,
        warnings=run.warned.all(),
        wrapped=tuple(_wrapped(one, reached) for one in made),
        saved=(
            *(_saved(hit, run.automatic, tied=False) for hit in run.hits),
            *(_saved(hit, (), tied=True) for hit in run.tied_hits),
        ),
        tokens=tuple(run.tokens),
        reaches=reached.all(),
        trainable=counted[0] if counted else None,
        total=counted[1] if counted else None,
        targeted=sum(one.asked.mod.group.count for one in made),
        unknown=unknown,
    )


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
    found: dict[int, Par] = {}
    for name, part in layer.children.items():
        if name != "base_layer":
            found.update((id(par), par) for par in unique(part))
    total = sum(par.size for par in found.values())
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
