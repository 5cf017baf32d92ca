"""How much of each part of a model is adapted."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .components import ORDER

if TYPE_CHECKING:
    from .module_rows import ModuleRow

LINEAR = frozenset({"Linear", "Conv1D"})
"""Kinds that count as linear layers; PEFT's `all-linear` takes the same two."""


class Component(NamedTuple):
    """One part of a model: modules that LoRA could wrap, those that get it or train in full, the
    base parameters they hold, and what LoRA adds.

    `base_reached` are the base parameters of the modules that are adapted or trained,
    `full_parameters` those that train in full.
    """

    name: str
    modules: int
    adapted: int
    saved: int
    base_parameters: int
    base_reached: int
    lora_parameters: int
    full_parameters: int

    @property
    def share(self) -> float:
        """Modules that are adapted or trained in full, 0 to 1."""
        return min(self.adapted + self.saved, self.modules) / self.modules if self.modules else 0.0


def sum_components(rows: tuple[ModuleRow, ...]) -> tuple[Component, ...]:
    """The parts that the model has, in the order of reports."""
    return _sum_by(rows, [row.component for row in rows], ORDER)


def sum_streams(rows: tuple[ModuleRow, ...]) -> tuple[Component, ...]:
    """The same of a model of diffusers by the way through it: image stream, text stream, time
    embedding.
    """
    from .streams import ORDER as STREAMS
    from .streams import find_layer_component

    return _sum_by(rows, [find_layer_component(row.name) for row in rows], STREAMS)


def _sum_by(
    rows: tuple[ModuleRow, ...], names: list[str], order: tuple[str, ...]
) -> tuple[Component, ...]:
    """The rows by the names beside them, in the order of those names."""
    together: dict[str, list[ModuleRow]] = {}
    for name, row in zip(names, rows, strict=True):
        together.setdefault(name, []).append(row)
    return tuple(_sum_component(name, together[name]) for name in order if name in together)


def _sum_component(name: str, rows: list[ModuleRow]) -> Component:
    return Component(
        name,
        sum(row.modules for row in rows),
        sum(row.adapted for row in rows),
        sum(row.saved for row in rows),
        sum(row.base_parameters for row in rows),
        sum(_count_reached(row) for row in rows),
        sum(row.lora_parameters for row in rows),
        sum(row.full_parameters for row in rows),
    )


def _count_reached(row: ModuleRow) -> int:
    reached = min(row.adapted + row.saved, row.modules)
    return row.base_parameters * reached // row.modules if row.modules else 0


def count_linear_layers(rows: tuple[ModuleRow, ...], head: str | None) -> tuple[int, int]:
    """(adapted, all) linear layers, the output head left out."""
    linear = [r for r in rows if r.kind in LINEAR and r.parameter is None and r.name != head]
    return sum(row.adapted for row in linear), sum(row.modules for row in linear)
