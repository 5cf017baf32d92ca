"""Which kinds of modules are adapted in which layer, and with which rank."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from .module_rows import ModuleRow, RowPart


class LayerCell(NamedTuple):
    """One kind of module in one layer: how many there are, how many get LoRA (`adapted`), and how
    many train in full (`saved`).
    """

    modules: int
    adapted: int
    saved: int
    ranks: tuple[int, ...]


class KindLine(NamedTuple):
    """One kind of module in all layers of a stack; None where a layer has no such module.

    `name` is its name inside a layer ("self_attn.q_proj").
    """

    name: str
    component: str
    cells: tuple[LayerCell | None, ...]


class LayerStack(NamedTuple):
    """A container of layers ("model.layers"), its layer numbers, and a line per kind."""

    name: str
    layers: tuple[int, ...]
    lines: tuple[KindLine, ...]


def map_layers(rows: tuple[ModuleRow, ...], spots: list[RowPart]) -> tuple[LayerStack, ...]:
    """Every stack of layers of the model, in its order."""
    parts = {(row.stack, row.below): row.component for row in rows if row.stack is not None}
    cells: dict[str, dict[str, dict[int, LayerCell]]] = {}
    for spot in spots:
        if spot.place.stack is not None:
            below = f"{spot.place.below}.{spot.key[1]}" if spot.key[1] else spot.place.below
            line = cells.setdefault(spot.place.stack, {}).setdefault(below, {})
            for layer in spot.place.layers:
                line[layer] = _add_part(line.get(layer, LayerCell(0, 0, 0, ())), spot)
    return tuple(_build_stack(name, lines, parts) for name, lines in cells.items())


def _add_part(cell: LayerCell, spot: RowPart) -> LayerCell:
    number = spot.count // max(len(spot.place.layers), 1)
    if spot.wrapped is not None:
        ranks = dict.fromkeys((*cell.ranks, spot.wrapped.rank))
        return cell._replace(
            modules=max(cell.modules, cell.adapted + number),
            adapted=cell.adapted + number,
            ranks=tuple(ranks),
        )
    if spot.full:
        return cell._replace(saved=cell.saved + number)
    return cell._replace(modules=cell.modules + number)


def _build_stack(
    name: str, lines: dict[str, dict[int, LayerCell]], parts: dict[tuple[str, str], str]
) -> LayerStack:
    layers = tuple(sorted({layer for line in lines.values() for layer in line}))
    return LayerStack(
        name,
        layers,
        tuple(
            KindLine(below, parts[name, below], tuple(line.get(layer) for layer in layers))
            for below, line in lines.items()
        ),
    )
