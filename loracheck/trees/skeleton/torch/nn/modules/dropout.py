"""Dropout."""

from __future__ import annotations

from .module import Module


class _DropoutNd(Module):
    """A probability. Raises ValueError for one outside 0 to 1."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if p < 0.0 or p > 1.0:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace


class Dropout(_DropoutNd):
    """Of elements."""


class Dropout1d(_DropoutNd):
    """Of channels of one dimension."""


class Dropout2d(_DropoutNd):
    """Of channels of two dimensions."""


class Dropout3d(_DropoutNd):
    """Of channels of three dimensions."""


class AlphaDropout(_DropoutNd):
    """For SELU."""


class FeatureAlphaDropout(_DropoutNd):
    """For SELU, of channels."""
