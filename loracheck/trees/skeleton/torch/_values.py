"""What a tensor is made of: a numpy array that holds values while it is small and only a shape when
it is big.

Constructors compute with small tensors (rotary frequencies, position ids, drop-path rates), so
those have real values. A big tensor is a numpy view of one zero with all strides zero: it costs no
memory and still does numpy's shape arithmetic.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ._devices import get_default_device
from ._dtypes import DType, get_default_dtype, of_number, of_store, promote_types
from ._size import Size

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._devices import Device

Array = np.ndarray[Any, Any]
Kind = TypeVar("Kind", bound="Held")

LIMIT = 1 << 18
"""Elements up to which values are computed. Beyond it a result has a shape only."""


@lru_cache(maxsize=1 << 12)
def ghost(shape: tuple[int, ...], of: DType) -> Array:
    """Zeros of that shape that take no memory; read-only, so they can be shared."""
    return np.broadcast_to(np.zeros((), of.store), shape)


def is_big(shape: tuple[int, ...]) -> bool:
    """Too big to have its values computed."""
    return prod(shape) > LIMIT


class Held:
    """The state every tensor has. Results of operations are plain tensors, also of Parameters, as
    in torch.
    """

    array: Array
    dtype: DType
    device: Device
    requires_grad: bool
    grad: object = None
    plain: type[Any]
    """The class of every result: torch.Tensor, set once it is defined."""

    @property
    def shape(self) -> Size:
        """The shape."""
        return Size(self.array.shape)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return self.array.ndim

    def derive(self, array: Array, of: DType | None = None) -> Self:
        """A plain tensor beside this one: same device, same dtype unless another is given.

        Its class is `plain`; to the type checker it is that of the tensor at hand, whose subclasses
        add no operation.
        """
        result: Self = new(array, of or self.dtype, self.device)
        return result


def new(array: Array, of: DType, where: Device | None = None) -> Any:
    """A plain tensor around an array of the right store."""
    return new_of(Held.plain, array, of, where)


def new_of(cls: type[Kind], array: Array, of: DType, where: Device | None = None) -> Kind:
    """As `new`, of a subclass."""
    tensor = object.__new__(cls)
    tensor.array = array
    tensor.dtype = of
    tensor.device = where or get_default_device()
    tensor.requires_grad = False
    return tensor


def wrap(values: object, where: Device | None = None) -> Any:
    """A tensor of plain Python or numpy values; floats get the default dtype, as in torch."""
    array = np.asarray(values)
    python_float = array.dtype == np.float64 and not isinstance(values, np.ndarray)
    of = get_default_dtype() if python_float else of_store(array.dtype)
    return new(array.astype(of.store), of, where)


def plain(value: Any) -> Any:
    """The numpy or Python value behind an argument: tensors, and lists that hold tensors, are
    unpacked.
    """
    if isinstance(value, Held):
        return value.array
    if isinstance(value, (list, tuple)):
        return np.asarray([plain(item) for item in value])
    return value


def device_of(operands: tuple[object, ...]) -> Device:
    """The device of the first operand that is a tensor with dimensions, else of any tensor."""
    held = [each for each in operands if isinstance(each, Held)]
    return next(
        (each.device for each in held if each.ndim),
        held[0].device if held else get_default_device(),
    )


def result_type(*operands: object) -> DType:
    """The dtype of an operation on tensors and numbers."""
    ranks: list[DType | None] = [None, None, None]
    for operand in operands:
        if isinstance(operand, Held):
            rank, of = (0 if operand.array.ndim else 1), operand.dtype
        elif isinstance(operand, np.ndarray):
            rank, of = 0, of_store(operand.dtype)
        else:
            rank, of = 2, of_number(operand)
        known = ranks[rank]
        ranks[rank] = of if known is None else promote_types(known, of)
    found: DType | None = None
    for level in ranks:
        if level is not None and (found is None or level.category > found.category):
            found = level
    if found is None:
        raise TypeError("no operands")
    return found
