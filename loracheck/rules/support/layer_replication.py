"""`layer_replication`: the ranges of layers that PEFT copies, as a list of layers."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

MAX_LAYERS = 100_000
"""Largest layer number that is unfolded; the deepest published models have some hundreds."""


def list_replicated_layers(value: Any) -> list[int]:
    """The numbers of the old layers in the order of the new model, for `[[0, 4], [2, 6]]` 0 to 3
    and 2 to 5; empty where the value is no list of ranges.
    """
    layers: list[int] = []
    for pair in value if isinstance(value, (list, tuple)) else ():
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            return []
        if not all(isinstance(edge, int) and abs(edge) <= MAX_LAYERS for edge in pair):
            return []
        layers += range(pair[0], pair[1])
    return layers
