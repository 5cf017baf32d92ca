"""The shape of `weight[index]`, for whatever a config gives as the index.

A list of whole numbers picks rows. What else torch makes of an index (a tuple counts by dimension,
a list that holds a list or null counts as a tuple, a boolean is a mask) was asked of torch 2.13;
the tests hold it against the installed one.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value

Shape = tuple[int, ...]

ONLY = (
    "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
    "indices (got {})"
)
AS_TUPLE = 32
"""A list of so many entries is never taken for a tuple."""


class BadIndexError(Exception):
    """torch refuses the index: the name of its exception, and what it says."""

    def __init__(self, exception: str, text: str) -> None:
        super().__init__(exception, text)
        self.exception, self.text = exception, text


def index_shape(shape: Shape, index: Value) -> Shape:
    """The shape of a tensor of that shape under the index. Raises BadIndexError."""
    if isinstance(index, list) and len(index) < AS_TUPLE and any(map(_makes_tuple, index)):
        index = tuple(index)
    parts = index if isinstance(index, tuple) else (index,)
    used = sum(not isinstance(part, bool) and part is not None for part in parts)
    if used > len(shape):
        text = f"too many indices for tensor of dimension {len(shape)}"
        raise BadIndexError("IndexError", text)
    return _apply_parts(list(shape), parts)


def _makes_tuple(item: Value) -> bool:
    """What makes a list count as a tuple."""
    return item is None or isinstance(item, (list, tuple, str, bytes))


def _apply_parts(sizes: list[int], parts: tuple[Any, ...]) -> Shape:
    """Go through the dimensions; numbers drop theirs, lists of numbers join in one new shape."""
    shape: list[int] = []
    broadcast: Shape | None = None
    tensor_indices: list[tuple[int, int]] = []
    at, apart = 0, False
    for part in parts:
        if part is None:
            shape.append(1)
        elif type(part) is int:
            _check_range(part, sizes.pop(0))
        else:
            length = _index_by_tensor(part, sizes, tensor_indices)
            apart = apart or (broadcast is not None and len(shape) > at)
            at = len(shape) if broadcast is None else at
            broadcast = length if broadcast is None else _broadcast(broadcast, length)
    if broadcast is not None:
        if 0 not in broadcast:  # where nothing is picked, torch does not look
            for index, size in tensor_indices:
                _check_range(index, size)
        at = 0 if apart else at
        shape[at:at] = broadcast
    return (*shape, *sizes)


def _index_by_tensor(part: Value, sizes: list[int], tensor_indices: list[tuple[int, int]]) -> Shape:
    """The shape of one part that is a tensor to torch. Its dimension is taken from `sizes`; the
    numbers it holds are `tensor_indices` from that size.
    """
    if isinstance(part, bool):
        return (int(part),)
    if not isinstance(part, (list, tuple, str, bytes)):
        raise BadIndexError("IndexError", ONLY.format(type(part).__name__))
    shape, items = _read_tensor(part)
    size = sizes.pop(0)
    if items and all(isinstance(item, bool) for item in items):
        return _apply_mask(shape, items, size, sizes)
    tensor_indices += [(int(item), size) for item in items]
    return shape


def _read_tensor(part: Value) -> tuple[Shape, list[Any]]:
    """Shape and numbers of nested lists."""
    kind = type(part).__name__
    if isinstance(part, (str, bytes)):
        raise BadIndexError("TypeError", f"new(): invalid data type '{kind}'")
    if isinstance(part, (int, float)):
        return (), [part]
    if not isinstance(part, (list, tuple)):
        raise BadIndexError("RuntimeError", f"Could not infer dtype of {kind}")
    rows = [_read_tensor(item) for item in part]
    inner = rows[0][0] if rows else ()
    for shape, _ in rows:
        if shape != inner:
            raise _make_ragged_error(inner, shape)
    return (len(rows), *inner), [item for _, items in rows for item in items]


def _make_ragged_error(first: Shape, other: Shape) -> BadIndexError:
    if not other:
        return BadIndexError("TypeError", "not a sequence")
    if not first:
        return BadIndexError("TypeError", "'list' object cannot be interpreted as an integer")
    text = f"expected sequence of length {first[0]} at dim 1 (got {other[0]})"
    return BadIndexError("ValueError", text)


def _apply_mask(shape: Shape, items: list[bool], size: int, remaining_sizes: list[int]) -> Shape:
    """A mask stands for the places where it is true, and must have the size of what it masks."""
    sizes = [size, *remaining_sizes]
    for place, length in enumerate(shape):
        if place >= len(sizes) or sizes[place] != length:
            text = (
                f"The shape of the mask {list(shape)} at index {place} does not match the shape of "
                f"the indexed tensor {sizes} at index {place}"
            )
            raise BadIndexError("IndexError", text)
    del remaining_sizes[: len(shape) - 1]
    return (sum(items),)


def _broadcast(first: Shape, second: Shape) -> Shape:
    length = max(len(first), len(second))
    pairs = zip(
        (1,) * (length - len(first)) + first, (1,) * (length - len(second)) + second, strict=True
    )
    shape: list[int] = []
    for one, other in pairs:
        if one != other and 1 not in (one, other):
            text = (
                f"shape mismatch: indexing tensors could not be broadcast together with shapes "
                f"{list(first)}, {list(second)}"
            )
            raise BadIndexError("IndexError", text)
        shape.append(other if one == 1 else one)
    return tuple(shape)


def _check_range(index: int, size: int) -> None:
    if not -size <= index < size:
        text = f"index {index} is out of bounds for dimension 0 with size {size}"
        raise BadIndexError("IndexError", text)
