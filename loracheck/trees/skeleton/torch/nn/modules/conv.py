"""Convolutions of one to three dimensions, forward and transposed."""

from __future__ import annotations

from typing import Any, ClassVar

from ...nn.parameter import fresh
from ._plain import repeated
from .module import Module


class _ConvNd(Module):
    """weight (out, in / groups, *kernel), transposed (in, out / groups, *kernel); bias (out)."""

    dims: ClassVar[int] = 0
    transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
        output_padding: Any = 0,
    ) -> None:
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups or out_channels % groups:
            raise ValueError("in_channels and out_channels must be divisible by groups")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = repeated(kernel_size, self.dims)
        self.stride, self.dilation = repeated(stride, self.dims), repeated(dilation, self.dims)
        self.padding = padding if isinstance(padding, str) else repeated(padding, self.dims)
        self.output_padding, self.padding_mode = repeated(output_padding, self.dims), padding_mode
        self._reversed_padding_repeated_twice = self._both_sides()
        first, second = (
            (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        )
        self.weight = fresh((first, second // groups, *self.kernel_size), dtype, device)
        self.register_parameter("bias", fresh(out_channels, dtype, device) if bias else None)
        self.reset_parameters()

    def _both_sides(self) -> list[int]:
        if isinstance(self.padding, str):
            return [0, 0] * self.dims
        return [width for width in reversed(self.padding) for _ in range(2)]

    def reset_parameters(self) -> None:
        """No values to set."""


class Conv1d(_ConvNd):
    """One dimension."""

    dims = 1


class Conv2d(_ConvNd):
    """Two dimensions."""

    dims = 2


class Conv3d(_ConvNd):
    """Three dimensions."""

    dims = 3


class _ConvTransposeNd(_ConvNd):
    """The other way; its arguments stand in another order."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        shape = (
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
        )
        super().__init__(*shape, device, dtype, output_padding)


class ConvTranspose1d(_ConvTransposeNd):
    """One dimension."""

    dims = 1


class ConvTranspose2d(_ConvTransposeNd):
    """Two dimensions."""

    dims = 2


class ConvTranspose3d(_ConvTransposeNd):
    """Three dimensions."""

    dims = 3
