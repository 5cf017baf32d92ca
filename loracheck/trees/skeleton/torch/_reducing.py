"""Sums, extremes, orders and products: results whose shape differs from their operands'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._dtypes import DType, bool_, int64
from ._elementwise import FUNCTIONS
from ._shaping import matrix_shape
from ._values import Array, Held, ghost, is_big, result_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

Dims = int | tuple[int, ...] | list[int] | None


class Found(NamedTuple):
    """What `max(dim)`, `sort` and `topk` return."""

    values: Any
    indices: Any


def _norm(array: Array, axis: Any, keepdims: bool) -> Array:
    return np.asarray(np.sqrt(np.sum(np.square(np.abs(array)), axis=axis, keepdims=keepdims)))


def _reduced(shape: tuple[int, ...], axis: Any, keepdims: bool) -> tuple[int, ...]:
    listed = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    gone = {each % len(shape) for each in listed}
    kept = [(place, 1 if place in gone else length) for place, length in enumerate(shape)]
    return tuple(length for place, length in kept if keepdims or place not in gone)


class Reducing(Held):
    """Reductions, sorting and matrix products."""

    def _reduce(
        self, compute: Callable[..., Any], dim: Dims, keepdim: bool, of: DType | None = None
    ) -> Self:
        axis = tuple(dim) if isinstance(dim, (list, tuple)) else dim
        if is_big(self.array.shape):
            shape = _reduced(self.array.shape, axis, keepdim)
            return self.derive(ghost(shape, of or self.dtype), of)
        found = np.asarray(compute(self.array, axis=axis, keepdims=keepdim))
        return self.derive(found.astype((of or self.dtype).store, copy=False), of)

    def _summed(self, of: DType | None) -> DType | None:
        return of or (int64 if self.dtype.kind in "bi" else None)

    def sum(self, dim: Dims = None, keepdim: bool = False, dtype: DType | None = None) -> Self:
        """Sum; integers add up to int64."""
        return self._reduce(np.sum, dim, keepdim, self._summed(dtype))

    def prod(self, dim: Dims = None, keepdim: bool = False, dtype: DType | None = None) -> Self:
        """Product."""
        return self._reduce(np.prod, dim, keepdim, self._summed(dtype))

    def mean(self, dim: Dims = None, keepdim: bool = False, dtype: DType | None = None) -> Self:
        """Mean."""
        return self._reduce(np.mean, dim, keepdim, dtype)

    def std(self, dim: Dims = None, keepdim: bool = False, **_: object) -> Self:
        """Standard deviation."""
        return self._reduce(np.std, dim, keepdim)

    def var(self, dim: Dims = None, keepdim: bool = False, **_: object) -> Self:
        """Variance."""
        return self._reduce(np.var, dim, keepdim)

    def norm(self, p: object = 2, dim: Dims = None, keepdim: bool = False, **_: object) -> Self:
        """The 2-norm; others have the same shape."""
        return self._reduce(_norm, dim, keepdim)

    def all(self, dim: Dims = None, keepdim: bool = False) -> Self:
        """Whether all are true."""
        return self._reduce(np.all, dim, keepdim, bool_)

    def any(self, dim: Dims = None, keepdim: bool = False) -> Self:
        """Whether one is true."""
        return self._reduce(np.any, dim, keepdim, bool_)

    def amax(self, dim: Dims = None, keepdim: bool = False) -> Self:
        """Greatest."""
        return self._reduce(np.max, dim, keepdim)

    def amin(self, dim: Dims = None, keepdim: bool = False) -> Self:
        """Least."""
        return self._reduce(np.min, dim, keepdim)

    def argmax(self, dim: Dims = None, keepdim: bool = False) -> Self:
        """Place of the greatest."""
        return self._reduce(np.argmax, dim, keepdim, int64)

    def argmin(self, dim: Dims = None, keepdim: bool = False) -> Self:
        """Place of the least."""
        return self._reduce(np.argmin, dim, keepdim, int64)

    def max(self, dim: Any = None, keepdim: bool = False) -> Any:
        """Greatest of all, of a dimension with its place, or of two tensors."""
        if isinstance(dim, Held):
            return FUNCTIONS["maximum"](self, dim)
        return (
            self.amax()
            if dim is None
            else Found(self.amax(dim, keepdim), self.argmax(dim, keepdim))
        )

    def min(self, dim: Any = None, keepdim: bool = False) -> Any:
        """Least of all, of a dimension with its place, or of two tensors."""
        if isinstance(dim, Held):
            return FUNCTIONS["minimum"](self, dim)
        return (
            self.amin()
            if dim is None
            else Found(self.amin(dim, keepdim), self.argmin(dim, keepdim))
        )

    def _scan(self, compute: Callable[..., Any], dim: int, of: DType | None) -> Self:
        of = of or self._summed(None) or self.dtype
        if is_big(self.array.shape):
            return self.derive(ghost(self.array.shape, of), of)
        return self.derive(np.asarray(compute(self.array, axis=dim)).astype(of.store), of)

    def cumsum(self, dim: int = 0, dtype: DType | None = None) -> Self:
        """Running sum."""
        return self._scan(np.cumsum, dim, dtype)

    def cumprod(self, dim: int = 0, dtype: DType | None = None) -> Self:
        """Running product."""
        return self._scan(np.cumprod, dim, dtype)

    def diff(self, n: int = 1, dim: int = -1) -> Self:
        """Differences of neighbours."""
        return self.derive(np.diff(self.array, n, dim))

    def softmax(self, dim: int = -1, dtype: DType | None = None) -> Self:
        """Softmax: a shape only, no constructor reads its values."""
        return self.derive(ghost(self.array.shape, dtype or self.dtype), dtype)

    def argsort(self, dim: int = -1, descending: bool = False, **_: object) -> Self:
        """Places in rising or falling order."""
        order = np.argsort(-self.array if descending else self.array, dim, kind="stable")
        return self.derive(order, int64)

    def sort(self, dim: int = -1, descending: bool = False, **_: object) -> Found:
        """Values in order, with their places."""
        places = self.argsort(dim, descending)
        return Found(self.derive(np.take_along_axis(self.array, places.array, dim)), places)

    def topk(self, k: int, dim: int = -1, largest: bool = True, **_: object) -> Found:
        """The first `k` of the sorted values."""
        values, places = self.sort(dim, largest)
        return Found(values.narrow(dim, 0, k), places.narrow(dim, 0, k))

    def unique(self, *_: object, **__: object) -> Self:
        """Distinct values, sorted."""
        return self.derive(np.unique(self.array))

    def nonzero(self, as_tuple: bool = False) -> Any:
        """Places of what is not zero."""
        places = np.nonzero(self.array)
        if as_tuple:
            return tuple(self.derive(each, int64) for each in places)
        return self.derive(np.stack(places, 1), int64)

    def bincount(self, minlength: int = 0, **_: object) -> Self:
        """How often each integer occurs."""
        return self.derive(np.bincount(self.array, minlength=minlength), int64)

    def count_nonzero(self, dim: Dims = None) -> Self:
        """How many are not zero."""
        return self._reduce(np.count_nonzero, dim, False, int64)

    def clamp(self, min: object = None, max: object = None) -> Self:
        """Values held within bounds."""
        low = self if min is None else FUNCTIONS["maximum"](self, min)
        return low if max is None else FUNCTIONS["minimum"](low, max)

    def clamp_min(self, min: object) -> Self:
        """Values held above a bound."""
        return self.clamp(min)

    def matmul(self, other: Held) -> Self:
        """Matrix product."""
        of, shape = result_type(self, other), matrix_shape(self.array, other.array)
        if any(is_big(each) for each in (shape, self.array.shape, other.array.shape)):
            return self.derive(ghost(shape, of), of)
        return self.derive(np.asarray(np.matmul(self.array, other.array)).astype(of.store), of)

    def outer(self, vec2: Held) -> Self:
        """Outer product of two vectors."""
        return self.unsqueeze(1) * vec2.unsqueeze(0)  # type: ignore[attr-defined,no-any-return]

    def equal(self, other: Held) -> bool:
        """Same shape and same values."""
        return self.array.shape == other.array.shape and bool((self.array == other.array).all())

    def allclose(self, other: Held, **_: object) -> bool:
        """Same shape and nearly the same values."""
        return self.array.shape == other.array.shape and bool(np.allclose(self.array, other.array))

    log_softmax = softmax
    clip = clamp
    mm = bmm = mv = dot = __matmul__ = matmul
    ger = outer
