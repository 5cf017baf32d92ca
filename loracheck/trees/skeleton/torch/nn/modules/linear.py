"""Linear layers."""

from __future__ import annotations

from typing import Any

from ...nn.parameter import fresh
from .module import Module


class Identity(Module):
    """Nothing, under any arguments."""

    def forward(self, input: Any) -> Any:
        """The input."""
        return input


class Linear(Module):
    """weight (out, in), bias (out)."""

    __constants__ = ("in_features", "out_features")

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = fresh((out_features, in_features), dtype, device)
        self.register_parameter("bias", fresh(out_features, dtype, device) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """No values to set; subclasses may do more."""


class NonDynamicallyQuantizableLinear(Linear):
    """The output projection of MultiheadAttention."""


class Bilinear(Module):
    """weight (out, in1, in2), bias (out)."""

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in1_features, self.in2_features, self.out_features = (
            in1_features,
            in2_features,
            out_features,
        )
        self.weight = fresh((out_features, in1_features, in2_features), dtype, device)
        self.register_parameter("bias", fresh(out_features, dtype, device) if bias else None)
