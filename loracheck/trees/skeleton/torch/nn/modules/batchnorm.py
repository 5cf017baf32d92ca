"""Norms over the batch, with running statistics as buffers."""

from __future__ import annotations

from typing import Any

from ..._creation import ones, tensor, zeros
from ..._dtypes import int64
from ...nn.parameter import fresh
from .module import Module


class _NormBase(Module):
    """weight and bias of the features; running_mean, running_var and num_batches_tracked as
    buffers.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        for name in ("weight", "bias"):
            self.register_parameter(name, fresh(num_features, dtype, device) if affine else None)
        track = track_running_stats
        self.register_buffer(
            "running_mean", zeros(num_features, dtype=dtype, device=device) if track else None
        )
        self.register_buffer(
            "running_var", ones(num_features, dtype=dtype, device=device) if track else None
        )
        self.register_buffer(
            "num_batches_tracked", tensor(0, dtype=int64, device=device) if track else None
        )


class _BatchNorm(_NormBase):
    """Batch norms."""


class BatchNorm1d(_BatchNorm):
    """One dimension."""


class BatchNorm2d(_BatchNorm):
    """Two dimensions."""


class BatchNorm3d(_BatchNorm):
    """Three dimensions."""


class SyncBatchNorm(_BatchNorm):
    """Across processes."""
