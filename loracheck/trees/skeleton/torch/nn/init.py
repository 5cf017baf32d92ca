"""Initialisers: they return their tensor unchanged, as values of weights are never held."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._tensor import Tensor

_GAINS = {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that torch recommends for a nonlinearity."""
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    return _GAINS.get(nonlinearity, 1.0)


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    if tensor.ndim < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        )
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    return _calculate_fan_in_and_fan_out(tensor)[0 if mode == "fan_in" else 1]


def _unchanged(name: str) -> Callable[..., Tensor]:
    def initialise(tensor: Tensor, *_: object, **__: object) -> Tensor:
        return tensor

    initialise.__name__ = name
    return initialise


_NAMES = """
uniform normal constant ones zeros eye dirac xavier_uniform xavier_normal kaiming_uniform
kaiming_normal trunc_normal orthogonal sparse
"""
for _name in _NAMES.split():
    globals()[f"{_name}_"] = globals()[_name] = _unchanged(f"{_name}_")
for _name in ("_no_grad_trunc_normal_", "_no_grad_normal_", "_no_grad_uniform_"):
    globals()[_name] = _unchanged(_name)
