"""`torch.Size`, and reading sizes out of call arguments."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np


class Size(tuple[int, ...]):
    """A shape: a tuple that stays a Size when added or sliced."""

    __slots__ = ()

    def numel(self) -> int:
        """Number of elements."""
        return prod(self)

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, tuple(other)))

    def __radd__(self, other: Any) -> Size:
        return Size(tuple(other) + tuple(self))

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(index, slice) else found

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"


def sizes(args: tuple[Any, ...]) -> tuple[int, ...]:
    """`(2, 3)` and `((2, 3),)` are the same size. Raises as torch does for what is no size.

    -1 is let through for `view` and `expand`; the makers of tensors refuse it.
    """
    if len(args) == 1 and isinstance(args[0], (tuple, list)):
        args = tuple(args[0])
    return tuple([n if type(n) is int else _whole(n) for n in args])


def _whole(number: object) -> int:
    if hasattr(number, "item") and not isinstance(number, np.generic):
        number = number.item()
    if isinstance(number, (int, np.integer)):
        return int(number)
    raise TypeError(
        f"size must be a tuple of ints, but found an element of type {type(number).__name__}"
    )


def normal_shape(args: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes for a new tensor: RuntimeError for a negative one."""
    shape = sizes(args)
    for number in shape:
        if number < 0:
            raise RuntimeError(
                f"Trying to create tensor with negative dimension {number}: {list(shape)}"
            )
    return shape


def broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The common shape, or RuntimeError."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise RuntimeError(f"sizes {', '.join(map(str, shapes))} do not broadcast") from error


def reshaped(array: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """The array in another shape, or RuntimeError."""
    try:
        return array.reshape(shape)
    except ValueError as error:
        text = f"shape '{list(shape)}' is invalid for input of size {array.size}"
        raise RuntimeError(text) from error
