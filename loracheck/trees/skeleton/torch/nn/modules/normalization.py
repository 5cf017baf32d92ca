"""Norms over features."""

from __future__ import annotations

from typing import Any

from ...nn.parameter import fresh
from ._plain import REQUIRED, plain_layers, repeated
from .module import Module


class LayerNorm(Module):
    """weight and bias of the normalised shape."""

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        shape = self.normalized_shape = repeated(normalized_shape, 1)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        affine = elementwise_affine
        self.register_parameter("weight", fresh(shape, dtype, device) if affine else None)
        self.register_parameter("bias", fresh(shape, dtype, device) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """No values to set."""


class RMSNorm(Module):
    """weight of the normalised shape."""

    def __init__(
        self,
        normalized_shape: Any,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = repeated(normalized_shape, 1)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        weight = fresh(self.normalized_shape, dtype, device) if elementwise_affine else None
        self.register_parameter("weight", weight)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """No values to set."""


class GroupNorm(Module):
    """weight and bias of the channels."""

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(
                f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})"
            )
        self.num_groups, self.num_channels, self.eps, self.affine = (
            num_groups,
            num_channels,
            eps,
            affine,
        )
        for name in ("weight", "bias"):
            self.register_parameter(name, fresh(num_channels, dtype, device) if affine else None)


globals().update(
    plain_layers(
        __name__,
        {
            "LocalResponseNorm": {"size": REQUIRED, "alpha": 1e-4, "beta": 0.75, "k": 1.0},
            "CrossMapLRN2d": {"size": REQUIRED, "alpha": 1e-4, "beta": 0.75, "k": 1},
        },
    )
)
