"""Functions of several tensors, and the free functions that are a tensor's own methods."""

from __future__ import annotations

from functools import reduce
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ._creation import empty
from ._dtypes import bool_, int64, promote_types
from ._elementwise import FUNCTIONS
from ._size import broadcast
from ._tensor import Tensor
from ._values import device_of, ghost, is_big, new_of, plain, result_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ._dtypes import DType


def _common(tensors: list[Tensor]) -> DType:
    return reduce(promote_types, [each.dtype for each in tensors])


def cat(tensors: Iterable[Tensor], dim: int = 0, *, axis: int | None = None, **_: object) -> Tensor:
    """Tensors put end to end; empty one-dimensional ones are passed over, as in torch."""
    given = list(tensors)
    kept = [each for each in given if each.array.shape != (0,)] or given[:1]
    dim = dim if axis is None else axis
    of, shape = _common(kept), list(kept[0].array.shape)
    shape[dim] = sum(each.array.shape[dim] for each in kept)
    if is_big(tuple(shape)):
        return kept[0].derive(ghost(tuple(shape), of), of)
    return kept[0].derive(np.concatenate([each.array for each in kept], dim).astype(of.store), of)


def stack(tensors: Iterable[Tensor], dim: int = 0, **_: object) -> Tensor:
    """Tensors of one shape along a new dimension."""
    return cat([each.unsqueeze(dim) for each in tensors], dim)


def hstack(tensors: Iterable[Tensor]) -> Tensor:
    """Side by side."""
    given = list(tensors)
    return cat(given, 0 if given[0].ndim < 2 else 1)


def vstack(tensors: Iterable[Tensor]) -> Tensor:
    """One above the other."""
    return cat([each if each.ndim > 1 else each.unsqueeze(0) for each in tensors], 0)


def _unpacked(tensors: tuple[Any, ...]) -> list[Tensor]:
    return list(
        tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors
    )


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Coordinates of a grid."""
    given = _unpacked(tensors)
    grids = np.meshgrid(
        *[each.array for each in given], indexing="xy" if indexing == "xy" else "ij"
    )
    return tuple(each.derive(grid) for each, grid in zip(given, grids, strict=True))


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All combinations, one a row."""
    return stack([each.reshape(-1) for each in meshgrid(*tensors)], -1)


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """All widened to their common shape."""
    shape = broadcast(*[each.array.shape for each in tensors])
    return tuple(each.broadcast_to(shape) for each in tensors)


def einsum(equation: str, *operands: Any) -> Tensor:
    """Einstein summation of an equation with an arrow."""
    given = _unpacked(operands)
    terms, _, result = equation.replace(" ", "").partition("->")
    lengths: dict[str, int] = {}
    for term, each in zip(terms.split(","), given, strict=True):
        lengths.update(zip(term, each.array.shape, strict=True))
    of, shape = result_type(*given), tuple(lengths[letter] for letter in result)
    if is_big((prod(lengths.values()),)):
        return given[0].derive(ghost(shape, of), of)
    found = np.asarray(np.einsum(f"{terms}->{result}", *[each.array for each in given]))
    return given[0].derive(found.astype(of.store), of)


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """One or the other, or the places where the condition holds."""
    if input is None:
        return condition.nonzero(as_tuple=True)
    of, operands = result_type(input, other), (condition, input, other)
    shape = broadcast(*[np.shape(plain(each)) for each in operands])
    big = is_big(shape)
    array = (
        ghost(shape, of) if big else np.where(*[plain(each) for each in operands]).astype(of.store)
    )
    return new_of(Tensor, array, of, device_of(operands))


def isin(elements: Any, test_elements: Any, **_: object) -> Tensor:
    """Whether each element is among the others."""
    return new_of(
        Tensor,
        np.isin(plain(elements), plain(test_elements)),
        bool_,
        device_of((elements, test_elements)),
    )


def bucketize(input: Any, boundaries: Any, *, right: bool = False, **_: object) -> Tensor:
    """The place of each value between boundaries."""
    places = np.searchsorted(plain(boundaries), plain(input), side="right" if right else "left")
    return new_of(Tensor, np.asarray(places), int64, device_of((input, boundaries)))


def searchsorted(sorted_sequence: Any, values: Any, *, right: bool = False, **_: object) -> Tensor:
    """`bucketize` with its arguments the other way round."""
    return bucketize(values, sorted_sequence, right=right)


def tril_indices(row: int, col: int, offset: int = 0, **_: object) -> Tensor:
    """Places of a lower triangle."""
    return new_of(Tensor, np.stack(np.tril_indices(row, offset, col)), int64)


def triu_indices(row: int, col: int, offset: int = 0, **_: object) -> Tensor:
    """Places of an upper triangle."""
    return new_of(Tensor, np.stack(np.triu_indices(row, offset, col)), int64)


def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """Between two tensors."""
    result: Tensor = FUNCTIONS["add"](input, FUNCTIONS["sub"](end, input) * weight)
    return result


def atleast_1d(input: Tensor) -> Tensor:
    """With one dimension at least."""
    return input if input.ndim else input.reshape(1)


def block_diag(*tensors: Tensor) -> Tensor:
    """Matrices along a diagonal: the shape only."""
    return empty(*(sum(each.shape[d] for each in tensors) for d in (0, 1)))


def is_tensor(obj: object) -> bool:
    """Whether it is a tensor."""
    return isinstance(obj, Tensor)


_METHODS = """
view reshape transpose swapaxes permute movedim unsqueeze squeeze flatten ravel unflatten unbind
split chunk flip roll sum mean prod std var all any amax amin max min norm argmax argmin cumsum
cumprod diff softmax log_softmax argsort sort topk unique nonzero tril triu diag diagonal
masked_fill masked_select gather index_select scatter matmul mm bmm mv dot outer ger equal
allclose bincount count_nonzero clone detach numel repeat_interleave tile broadcast_to narrow
select t clamp clamp_min clip is_floating_point is_complex scatter_add index_add
"""


def methods() -> dict[str, Callable[..., Any]]:
    """The free functions that are methods: `torch.sum(x)` is `x.sum()`. Sizes may come as one
    argument.
    """
    return {name: _free(name) for name in _METHODS.split()}


def _free(name: str) -> Callable[..., Any]:
    method = getattr(Tensor, name)

    def function(*args: Any, **named: Any) -> Any:
        if "input" in named:
            args = (named.pop("input"), *args)
        return method(*args, **named)

    function.__name__ = name
    return function


__all__ = [
    "atleast_1d",
    "block_diag",
    "broadcast_tensors",
    "bucketize",
    "cartesian_prod",
    "cat",
    "einsum",
    "hstack",
    "is_tensor",
    "isin",
    "lerp",
    "meshgrid",
    "searchsorted",
    "stack",
    "tril_indices",
    "triu_indices",
    "vstack",
    "where",
]
