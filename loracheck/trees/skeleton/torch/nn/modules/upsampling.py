"""Upsampling: layers without parameters."""

from __future__ import annotations

from typing import Any

from .module import Module


class Upsample(Module):
    """A size or a factor."""

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.name, self.size, self.mode, self.align_corners = (
            type(self).__name__,
            size,
            mode,
            align_corners,
        )
        several = isinstance(scale_factor, tuple)
        self.scale_factor = (
            tuple(map(float, scale_factor)) if several else scale_factor and float(scale_factor)
        )


class UpsamplingNearest2d(Upsample):
    """By copying."""


class UpsamplingBilinear2d(Upsample):
    """By interpolation."""
