"""Norms over each instance."""

from __future__ import annotations

from typing import Any

from .batchnorm import _NormBase


class _InstanceNorm(_NormBase):
    """As a batch norm, without parameters and statistics unless asked for."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        **named: Any,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, **named)


class InstanceNorm1d(_InstanceNorm):
    """One dimension."""


class InstanceNorm2d(_InstanceNorm):
    """Two dimensions."""


class InstanceNorm3d(_InstanceNorm):
    """Three dimensions."""
