"""The weights of parameters that hold all experts of a layer (`target_parameters`), as PEFT lays
them; for family LC6.

PEFT 0.21.2 `tuners/lora/layer.py` (ParamWrapper): each adapted parameter of a module wraps the one
before, so the last is saved under the module's own name and each earlier one a `base_layer` deeper.
The ranks of all experts are stacked: A has rank times experts rows, B as many columns. Up to 0.18
A's other side is the parameter's second dimension and B's its third; since 0.19 they are exchanged,
unless transformers' module says `is_transposed`.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .adapter_weights import LoraMatrices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan

EXCHANGED_SINCE = (0, 19)
"""The first PEFT release with exchanged sides (0.18.1 against 0.19.1, both executed)."""

TRANSPOSED = ("GptOss", "Aria", "OpenAIPrivacyFilter")
"""Beginnings of the classes with modules that say `is_transposed`, where nothing is exchanged
(`use_experts_implementation` of transformers); since which release they do differs.
"""


class ParameterWeights(NamedTuple):
    """One adapted parameter of one module: the key of its weights, its shape (experts, and two
    sides), its rank in one expert, and the matrices of the file.
    """

    key: str
    shape: tuple[int, int, int]
    rank: int
    matrices: LoraMatrices


def list_parameter_weights(
    plan: Plan, layers: dict[str, LoraMatrices]
) -> Iterator[ParameterWeights]:
    """The adapted parameters of three dimensions whose matrices the file has, both of them."""
    holders: dict[str, list[tuple[tuple[int, ...], int]]] = {}
    for wrapped in plan.wrapped:
        parameter = wrapped.group.node.parameter(wrapped.parameter) if wrapped.parameter else None
        if parameter is not None:
            for name in wrapped.group.names():
                holders.setdefault(name, []).append((parameter.shape, wrapped.rank))
    for name, parameters in holders.items():
        for depth, (shape, rank) in enumerate(reversed(parameters)):
            key = name + ".base_layer" * depth
            matrices = layers.get(key, LoraMatrices())
            if len(shape) == 3 and _are_whole(matrices):
                yield ParameterWeights(key, (shape[0], shape[1], shape[2]), rank, matrices)


def _are_whole(matrices: LoraMatrices) -> bool:
    halves = (matrices.a, matrices.b)
    return all(half is not None and len(half.shape) == 2 for half in halves)


def get_matrix_sides(one: ParameterWeights) -> tuple[int, int]:
    """The side of A that is no rank, and that of B."""
    a, b = one.matrices.a, one.matrices.b
    assert a is not None
    assert b is not None
    return a.shape[1], b.shape[0]


def get_stacked_ranks(one: ParameterWeights) -> tuple[int, int]:
    """Rows of A and columns of B: the rank times the number of experts."""
    a, b = one.matrices.a, one.matrices.b
    assert a is not None
    assert b is not None
    return a.shape[0], b.shape[1]
