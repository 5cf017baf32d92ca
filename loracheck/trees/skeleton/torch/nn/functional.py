"""The few functions of `torch.nn.functional` that constructors call; every other is permissive."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._creation import empty
from .._dtypes import int64
from .._elementwise import FUNCTIONS
from .._permissive import lookup
from .._tensor import Tensor
from .._values import ghost, is_big

softmax = log_softmax = Tensor.softmax
sigmoid, tanh, relu, silu, gelu, softplus = (
    FUNCTIONS[name] for name in ("sigmoid", "tanh", "relu", "silu", "gelu", "softplus")
)


def pad(input: Tensor, pad: Any, mode: str = "constant", value: Any = 0) -> Tensor:
    """Widened at both ends, the last dimension first."""
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)][::-1]
    widths = [(0, 0)] * (input.ndim - len(pairs)) + pairs
    shape = tuple(n + low + high for n, (low, high) in zip(input.shape, widths, strict=True))
    if is_big(shape) or mode != "constant" or min(min(pair) for pair in widths) < 0:
        return input.derive(ghost(shape, input.dtype))
    return input.derive(np.pad(input.array, widths, constant_values=value or 0))


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """A row of zeros with a one for each class."""
    classes = num_classes if num_classes > 0 else int(tensor.array.max()) + 1
    return tensor.derive(np.eye(classes, dtype=int64.store)[tensor.array], int64)


def interpolate(input: Tensor, size: Any = None, scale_factor: Any = None, **_: object) -> Tensor:
    """Another size of the dimensions behind batch and channel: the shape only."""
    inner = input.shape[2:]
    if size is None:
        factors = (
            scale_factor
            if isinstance(scale_factor, (tuple, list))
            else (scale_factor,) * len(inner)
        )
        size = [int(n * factor) for n, factor in zip(inner, factors, strict=True)]
    wanted = size if isinstance(size, (tuple, list)) else (size,) * len(inner)
    return empty((*input.shape[:2], *wanted), dtype=input.dtype)


def _unchanged(input: Tensor, *_: object, **__: object) -> Tensor:
    return input


normalize = dropout = mish = layer_norm = _unchanged


def __getattr__(name: str) -> Any:
    return lookup(__name__, name, globals())
