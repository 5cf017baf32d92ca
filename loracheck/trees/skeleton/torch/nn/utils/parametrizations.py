"""The parametrizations that transformers uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._creation import empty
from ..modules.conv import _ConvTransposeNd
from ..modules.module import Module
from ._weight_norm import norm_shape
from .parametrize import register_parametrization

if TYPE_CHECKING:
    from ..._tensor import Tensor


class _WeightNorm(Module):
    """A weight from its length and its direction."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Length and direction of a weight."""
        return empty(
            norm_shape(weight.shape, self.dim), dtype=weight.dtype, device=weight.device
        ), weight


class _SpectralNorm(Module):
    """A weight divided by its greatest singular value, whose vectors are buffers."""

    def __init__(
        self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12
    ) -> None:
        super().__init__()
        self.dim, self.eps, self.n_power_iterations = dim, eps, n_power_iterations
        if weight.ndim > 1:
            rows = weight.shape[dim]
            self.register_buffer("_u", empty(rows))
            self.register_buffer("_v", empty(weight.numel() // rows))

    def right_inverse(self, weight: Tensor) -> Tensor:
        """The weight itself."""
        return weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Parametrize by length and direction. Returns the module."""
    return register_parametrization(module, name, _WeightNorm(dim))


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Parametrize by the spectral norm. Returns the module."""
    if dim is None:
        dim = 1 if isinstance(module, _ConvTransposeNd) else 0
    norm = _SpectralNorm(getattr(module, name), n_power_iterations, dim, eps)
    return register_parametrization(module, name, norm)
