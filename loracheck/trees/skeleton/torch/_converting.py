"""Casts, copies, new tensors beside a tensor, and work in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._devices import Device, as_device
from ._dtypes import DTYPES, DType, as_dtype, float32
from ._size import normal_shape
from ._values import Held, ghost, is_big, new, plain

if TYPE_CHECKING:
    from typing_extensions import Self


_CASTS = {
    "bfloat16": "bfloat16",
    "bool": "bool",
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "int": "int32",
    "short": "int16",
    "char": "int8",
    "byte": "uint8",
    "cfloat": "complex64",
}
_DEVICES = (str, Device)


class Converting(Held):
    """What changes a tensor's dtype, device or values, and leaves its shape."""

    def to(self, *args: Any, dtype: Any = None, device: Any = None, **_: object) -> Any:
        """Another dtype or device."""
        for each in args:
            if isinstance(each, Held):
                dtype, device = each.dtype, each.device
            elif isinstance(each, _DEVICES):
                device = each
            elif not isinstance(each, bool):
                dtype = each
        of = as_dtype(dtype) or self.dtype
        where = self.device if device is None else as_device(device)
        if of is self.dtype and where == self.device:
            return self
        big = is_big(self.array.shape)
        array = ghost(self.array.shape, of) if big else self.array.astype(of.store, copy=False)
        return new(array, of, where)

    def type(self, dtype: Any = None, *_: object) -> Any:
        """The old name of the type, or a cast."""
        if dtype is None:
            return (
                "torch.FloatTensor" if self.dtype is float32 else f"torch.{self.dtype.name}Tensor"
            )
        return self.to(getattr(dtype, "of", None) or as_dtype(dtype))

    def type_as(self, other: Held) -> Self:
        """Cast to another tensor's dtype."""
        return self.derive(self.to(other.dtype).array, other.dtype)

    def clone(self, *_: object, **__: object) -> Self:
        """A copy of its own."""
        return self.derive(self.array if is_big(self.array.shape) else self.array.copy())

    def detach(self) -> Self:
        """Without gradient: a plain tensor on the same values."""
        return self.derive(self.array)

    def contiguous(self, *_: object, **__: object) -> Self:
        """Itself: layout and placement are not modelled."""
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set whether it trains."""
        self.requires_grad = requires_grad
        return self

    def new_empty(self, *size: Any, dtype: DType | None = None, **_: object) -> Self:
        """A new tensor beside this one, of zeros."""
        of = dtype or self.dtype
        return self.derive(ghost(normal_shape(size), of), of)

    def new_full(
        self, size: Any, fill_value: object, dtype: DType | None = None, **_: object
    ) -> Self:
        """A new tensor beside this one, of one value."""
        of = dtype or self.dtype
        value = np.asarray(plain(fill_value)).astype(of.store)
        return self.derive(np.broadcast_to(value, normal_shape((size,))), of)

    def new_ones(self, *size: Any, **named: Any) -> Self:
        """A new tensor beside this one, of ones."""
        return self.new_full(normal_shape(size), 1, **named)

    def new_tensor(self, data: object, dtype: DType | None = None, **_: object) -> Self:
        """A new tensor beside this one, of values."""
        of = dtype or self.dtype
        return self.derive(np.asarray(plain(data)).astype(of.store), of)

    def fill_(self, value: object) -> Self:
        """All elements set to one value."""
        one = np.asarray(plain(value)).astype(self.dtype.store).reshape(())
        self.array = np.broadcast_to(one, self.array.shape)
        return self

    def zero_(self) -> Self:
        """All elements set to zero."""
        return self.fill_(0)

    def copy_(self, other: Held, *_: object, **__: object) -> Self:
        """Values of another tensor."""
        if not is_big(self.array.shape):
            self.array = np.broadcast_to(other.array, self.array.shape).astype(self.dtype.store)
        return self

    def _unchanged(self, *_: object, **__: object) -> Self:
        """In-place work that sets values which nothing reads: random numbers, scattered writes,
        backward passes.
        """
        return self

    cpu = cuda = pin_memory = contiguous
    new_zeros = new = new_empty
    normal_ = uniform_ = random_ = bernoulli_ = exponential_ = trunc_normal_ = erfinv_ = _unchanged
    cauchy_ = geometric_ = log_normal_ = fill_diagonal_ = _unchanged
    index_copy_ = index_fill_ = index_add_ = scatter_ = scatter_add_ = resize_ = set_ = _unchanged
    detach_ = share_memory_ = retain_grad = register_hook = backward = _unchanged
    scatter = scatter_add = index_add = index_copy = clone


def _cast(name: str, of: DType) -> Any:
    def cast(self: Converting, *_: object, **__: object) -> Any:
        return self.to(of)

    cast.__name__ = name
    return cast


for _name, _of in _CASTS.items():
    setattr(Converting, _name, _cast(_name, DTYPES[_of]))
