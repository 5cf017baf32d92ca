"""Operations that only move, cut or repeat: numpy's views do the shape arithmetic, also for tensors
without values.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ._dtypes import DType
from ._size import broadcast, reshaped, sizes
from ._values import Array, Held, ghost, is_big, new_of, plain

if TYPE_CHECKING:
    from typing_extensions import Self

Dims = int | tuple[int, ...]


def _listed(dims: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(dims[0]) if len(dims) == 1 and isinstance(dims[0], (tuple, list)) else dims


class Shaping(Held):
    """Views and copies in another shape."""

    def view(self, *size: Any) -> Self:
        """Another shape of the same elements, or the same bytes as another dtype."""
        if len(size) == 1 and isinstance(size[0], DType):
            of, shape = size[0], self.array.shape
            last = shape[-1:] and (shape[-1] * self.dtype.itemsize // of.itemsize,)
            return self.derive(ghost((*shape[:-1], *last), of), of)
        return self.derive(reshaped(self.array, sizes(size)))

    def reshape(self, *shape: Any, **named: Any) -> Self:
        """As `view`."""
        return self.derive(
            reshaped(self.array, sizes((named["shape"],) if "shape" in named else shape))
        )

    def view_as(self, other: Held) -> Self:
        """In the shape of another tensor."""
        return self.derive(self.array.reshape(other.array.shape))

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Self:
        """Dimensions from start to end as one."""
        shape = self.array.shape
        if not shape:
            return self.derive(self.array.reshape(1))
        low, high = start_dim % len(shape), end_dim % len(shape)
        joined = prod(shape[low : high + 1])
        return self.derive(self.array.reshape((*shape[:low], joined, *shape[high + 1 :])))

    def ravel(self) -> Self:
        """One dimension."""
        return self.derive(self.array.reshape(-1))

    def unflatten(self, dim: int, sizes: tuple[int, ...]) -> Self:
        """One dimension as several."""
        shape = self.array.shape
        dim %= len(shape)
        return self.derive(self.array.reshape((*shape[:dim], *sizes, *shape[dim + 1 :])))

    def transpose(self, dim0: int, dim1: int) -> Self:
        """Two dimensions swapped."""
        return self.derive(np.swapaxes(self.array, dim0, dim1))

    def t(self) -> Self:
        """All dimensions reversed."""
        return self.derive(self.array.T)

    def permute(self, *dims: Any) -> Self:
        """Dimensions in another order."""
        return self.derive(self.array.transpose(_listed(dims)))

    def movedim(self, source: Dims, destination: Dims) -> Self:
        """Dimensions moved to other places."""
        return self.derive(np.moveaxis(self.array, source, destination))

    def unsqueeze(self, dim: int) -> Self:
        """One dimension of size 1 more."""
        return self.derive(np.expand_dims(self.array, dim))

    def squeeze(self, dim: Dims | None = None) -> Self:
        """Dimensions of size 1 taken out."""
        shape = self.array.shape
        wanted = range(len(shape)) if dim is None else (dim,) if isinstance(dim, int) else dim
        return self.derive(np.squeeze(self.array, tuple(d for d in wanted if shape[d] == 1)))

    def expand(self, *size: Any) -> Self:
        """Dimensions of size 1 widened; -1 keeps one."""
        wanted, shape = sizes(size), self.array.shape
        new_dims = len(wanted) - len(shape)
        full = [shape[i - new_dims] if n == -1 else n for i, n in enumerate(wanted)]
        return self.derive(np.broadcast_to(self.array, full))

    def expand_as(self, other: Held) -> Self:
        """Widened to the shape of another tensor."""
        return self.derive(np.broadcast_to(self.array, other.array.shape))

    def broadcast_to(self, size: tuple[int, ...]) -> Self:
        """Widened to a shape."""
        return self.derive(np.broadcast_to(self.array, size))

    def repeat(self, *repeats: Any) -> Self:
        """Tiled."""
        times = sizes(repeats)
        shape = (1,) * (len(times) - self.array.ndim) + self.array.shape
        full = tuple(n * size for n, size in zip(times, shape[-len(times) :], strict=False))
        return self.derive(ghost(full, self.dtype) if is_big(full) else np.tile(self.array, times))

    def repeat_interleave(self, repeats: Any, dim: int | None = None, **_: object) -> Self:
        """Every element several times."""
        return self.derive(np.repeat(self.array, plain(repeats), dim))

    def narrow(self, dim: int, start: int, length: int) -> Self:
        """A slice of one dimension."""
        cut = [slice(None)] * self.array.ndim
        cut[dim] = slice(start, start + length)
        return self.derive(self.array[tuple(cut)])

    def select(self, dim: int, index: int) -> Self:
        """One entry of a dimension."""
        return self.derive(np.moveaxis(self.array, dim, 0)[index])

    def unbind(self, dim: int = 0) -> tuple[Self, ...]:
        """All entries of a dimension."""
        return tuple(self.derive(each) for each in np.moveaxis(self.array, dim, 0))

    def split(self, split_size: Any, dim: int = 0) -> tuple[Self, ...]:
        """Pieces of one size, or of the sizes listed."""
        length = self.array.shape[dim]
        if isinstance(split_size, int):
            cuts = list(range(split_size, length, split_size))
        else:
            cuts = np.cumsum(split_size)[:-1].tolist()
        return tuple(self.derive(each) for each in np.split(self.array, cuts, dim))

    def chunk(self, chunks: int, dim: int = 0) -> tuple[Self, ...]:
        """That many pieces."""
        return self.split(max(1, -(-self.array.shape[dim] // chunks)), dim)

    def flip(self, *dims: Any) -> Self:
        """Reversed along dimensions."""
        return self.derive(np.flip(self.array, _listed(dims)))

    def roll(self, shifts: Dims, dims: Dims | None = None) -> Self:
        """Shifted around."""
        return self.derive(
            self.array if is_big(self.array.shape) else np.roll(self.array, shifts, dims)
        )

    def unfold(self, dimension: int, size: int, step: int) -> Self:
        """Sliding windows of one dimension, as a last dimension."""
        windows = np.lib.stride_tricks.sliding_window_view(self.array, size, dimension)
        cut = [slice(None)] * windows.ndim
        cut[dimension % self.array.ndim] = slice(None, None, step)
        return self.derive(windows[tuple(cut)])

    def diagonal(self, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Self:
        """A diagonal of two dimensions."""
        return self.derive(np.diagonal(self.array, offset, dim1, dim2))

    def diag(self, diagonal: int = 0) -> Self:
        """A matrix of a vector, or the vector of a matrix."""
        return self.derive(np.diag(self.array, diagonal))

    def tril(self, diagonal: int = 0) -> Self:
        """The lower triangle."""
        return self._triangle(np.tril, diagonal)

    def triu(self, diagonal: int = 0) -> Self:
        """The upper triangle."""
        return self._triangle(np.triu, diagonal)

    def _triangle(self, cut: Any, diagonal: int) -> Self:
        big = is_big(self.array.shape)
        return self.derive(
            ghost(self.array.shape, self.dtype) if big else cut(self.array, diagonal)
        )

    def gather(self, dim: int, index: Held) -> Self:
        """Elements picked along a dimension."""
        return self.derive(np.take_along_axis(self.array, index.array, dim))

    def index_select(self, dim: int, index: Held) -> Self:
        """Entries of a dimension picked."""
        return self.derive(np.take(self.array, index.array, dim))

    def masked_select(self, mask: Held) -> Self:
        """Elements where the mask is true."""
        return self.derive(self.array[np.broadcast_to(mask.array, self.array.shape)])

    def masked_fill(self, mask: Held, value: object) -> Self:
        """A value where the mask is true."""
        shape = broadcast(self.array.shape, mask.array.shape)
        if is_big(shape):
            return self.derive(ghost(shape, self.dtype))
        fill = np.asarray(plain(value)).astype(self.dtype.store)
        return self.derive(np.where(mask.array, fill, self.array))

    def as_subclass(self, cls: type[Self]) -> Self:
        """The same values under a subclass."""
        return new_of(cls, self.array, self.dtype, self.device)

    swapaxes = swapdims = transpose
    reshape_as = view_as
    tile = repeat


def matrix_shape(a: Array, b: Array) -> tuple[int, ...]:
    """Shape of a matrix product. Raises RuntimeError where inner sizes differ."""
    left, right = a.shape, b.shape
    inner = right[-2] if len(right) > 1 else right[-1]
    if left[-1] != inner:
        raise RuntimeError(f"mat1 and mat2 shapes cannot be multiplied ({left} and {right})")
    batch = broadcast(left[:-2], right[:-2])
    return (*batch, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))
