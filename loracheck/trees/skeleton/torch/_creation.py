"""Makers of tensors: of zeros, of one value, of numbers in a row, of Python data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ._devices import Device, as_device
from ._dtypes import (
    DTYPES,
    DType,
    as_dtype,
    bool_,
    complex64,
    float32,
    get_default_dtype,
    int64,
    of_store,
)
from ._size import normal_shape, sizes
from ._tensor import Tensor
from ._values import Array, Held, ghost, is_big, new_of, plain

if TYPE_CHECKING:
    from collections.abc import Callable

Where = str | int | Device | None


def _make(array: Array, of: DType, where: Where) -> Tensor:
    return new_of(Tensor, array, of, as_device(where))


def empty(*size: Any, dtype: Any = None, device: Where = None, **named: Any) -> Tensor:
    """Zeros of that shape; also what `zeros`, `rand` and `randn` give, as random values are read by
    nobody.
    """
    of = as_dtype(dtype) or get_default_dtype()
    made = _make(ghost(normal_shape((named["size"],) if "size" in named else size), of), of, device)
    made.requires_grad = bool(named.get("requires_grad", False))
    return made


zeros = rand = randn = empty


def full(
    size: Any, fill_value: Any, *, dtype: Any = None, device: Where = None, **_: object
) -> Tensor:
    """One value everywhere; its type decides the dtype if none is given."""
    value = plain(fill_value)
    of = as_dtype(dtype)
    if of is None:
        of = (
            bool_
            if isinstance(value, bool)
            else int64
            if isinstance(value, int)
            else get_default_dtype()
        )
    one = np.asarray(value).astype(of.store).reshape(())
    return _make(np.broadcast_to(one, normal_shape((size,))), of, device)


def ones(*size: Any, dtype: Any = None, device: Where = None, **named: Any) -> Tensor:
    """Ones of that shape."""
    shape = named["size"] if "size" in named else sizes(size)
    return full(shape, 1, dtype=as_dtype(dtype) or get_default_dtype(), device=device)


def full_like(
    input: Tensor, fill_value: object, *, dtype: Any = None, device: Where = None, **_: object
) -> Tensor:
    """One value in the shape of another tensor."""
    where = input.device if device is None else device
    return full(input.shape, fill_value, dtype=as_dtype(dtype) or input.dtype, device=where)


def empty_like(input: Tensor, **named: Any) -> Tensor:
    """Zeros in the shape of another tensor."""
    return full_like(input, 0, **named)


zeros_like = rand_like = randn_like = empty_like


def ones_like(input: Tensor, **named: Any) -> Tensor:
    """Ones in the shape of another tensor."""
    return full_like(input, 1, **named)


def empty_strided(size: Any, stride: object, **named: Any) -> Tensor:
    """Zeros; strides are not modelled."""
    return empty(size, **named)


def randint(*args: Any, size: Any = None, dtype: Any = None, **_: object) -> Tensor:
    """Integers, all zero."""
    return empty(args[-1] if size is None else size, dtype=dtype or int64)


def randperm(n: int, **_: object) -> Tensor:
    """The identity: no constructor looks at the order."""
    return arange(n)


def normal(mean: Any = 0.0, std: Any = 1.0, size: Any = None, **named: Any) -> Tensor:
    """Zeros in the shape of `size`, else of `mean` or `std`."""
    shape = (
        size
        if size is not None
        else next(each.shape for each in (mean, std) if isinstance(each, Held))
    )
    return empty(shape, dtype=named.get("dtype"), device=named.get("device"))


def tensor(
    data: Any, dtype: Any = None, device: Where = None, requires_grad: bool = False, **_: object
) -> Tensor:
    """A tensor of numbers, lists, arrays or tensors. Raises TypeError for other data."""
    of = as_dtype(dtype)
    if isinstance(data, Held):
        array, of = data.array, of or data.dtype
    else:
        array = np.asarray(plain(data))
        if array.dtype.kind not in "biufc":
            raise TypeError(f"cannot make a tensor of {type(data).__name__}")
        of = of or (
            of_store(array.dtype)
            if isinstance(data, (np.ndarray, np.generic))
            else _python_dtype(array)
        )
    made = _make(array.astype(of.store), of, device)
    made.requires_grad = requires_grad
    return made


def _python_dtype(array: Array) -> DType:
    if array.dtype.kind == "b":
        return bool_
    if array.dtype.kind in "iu":
        return int64
    default = get_default_dtype()
    return default.to_complex() if array.dtype.kind == "c" else default


def as_tensor(data: Any, dtype: Any = None, device: Where = None, **_: object) -> Tensor:
    """A tensor as it is, or one of data."""
    return (
        data.to(dtype=dtype, device=device)
        if isinstance(data, Tensor)
        else tensor(data, dtype, device)
    )


def from_numpy(ndarray: Array) -> Tensor:
    """A tensor on the CPU."""
    return tensor(ndarray, device="cpu")


def frombuffer(buffer: Any, *, dtype: DType, **_: object) -> Tensor:
    """A tensor of raw bytes."""
    return _make(np.frombuffer(buffer, dtype.store), dtype, None)


def arange(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    dtype: Any = None,
    device: Where = None,
    **_: object,
) -> Tensor:
    """Numbers in even steps. Raises RuntimeError where the step leads away from the end."""
    low, high, by = (
        each.item() if isinstance(each, Tensor) else each for each in (start, end, step)
    )
    if high is None:
        low, high = 0, low
    whole = all(isinstance(each, (int, np.integer)) for each in (low, high, by))
    of = as_dtype(dtype) or (int64 if whole else get_default_dtype())
    if by == 0 or (high - low) * by < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    count = max(0, math.ceil((high - low) / by))
    array = (
        ghost((count,), of) if is_big((count,)) else (low + np.arange(count) * by).astype(of.store)
    )
    return _make(array, of, device)


def linspace(
    start: Any, end: Any, steps: Any, *, dtype: Any = None, device: Where = None, **_: object
) -> Tensor:
    """Evenly spaced numbers, both ends among them."""
    of = as_dtype(dtype) or get_default_dtype()
    return _make(np.linspace(plain(start), plain(end), int(steps)).astype(of.store), of, device)


def logspace(start: Any, end: Any, steps: Any, base: float = 10.0, **named: Any) -> Tensor:
    """Powers of the base, evenly spaced in the exponent."""
    exponents = linspace(start, end, steps, **named)
    return exponents.derive(np.power(base, exponents.array).astype(exponents.dtype.store))


def eye(
    n: int, m: int | None = None, *, dtype: Any = None, device: Where = None, **_: object
) -> Tensor:
    """Ones on the diagonal."""
    of, shape = as_dtype(dtype) or get_default_dtype(), (n, n if m is None else m)
    return _make(ghost(shape, of) if is_big(shape) else np.eye(*shape, dtype=of.store), of, device)


def complex_(real: Tensor, imag: Tensor) -> Tensor:
    """Complex numbers of two parts."""
    return real.derive(
        (real.array + 1j * imag.array).astype(real.dtype.to_complex().store),
        real.dtype.to_complex(),
    )


def polar(abs: Tensor, angle: Tensor) -> Tensor:
    """Complex numbers of length and angle."""
    return complex_(abs * angle.cos(), abs * angle.sin())


def view_as_complex(input: Tensor) -> Tensor:
    """The last dimension's two numbers as one complex one."""
    return input.derive(ghost(input.array.shape[:-1], complex64), complex64)


def view_as_real(input: Tensor) -> Tensor:
    """A complex number as a last dimension of two."""
    return input.derive(ghost((*input.array.shape, 2), float32), float32)


def _window(make: Callable[[int], Array]) -> Callable[..., Tensor]:
    def window(
        window_length: int,
        periodic: bool = True,
        *_: object,
        dtype: Any = None,
        device: Where = None,
        **__: object,
    ) -> Tensor:
        of = as_dtype(dtype) or get_default_dtype()
        values = make(window_length + 1)[:-1] if periodic else make(window_length)
        return _make(values.astype(of.store), of, device)

    return window


WINDOWS = {
    "hann_window": _window(np.hanning),
    "hamming_window": _window(np.hamming),
    "blackman_window": _window(np.blackman),
    "kaiser_window": _window(lambda n: np.kaiser(n, 12.0)),
}


class _OldType(type):
    """`torch.FloatTensor` and its like: makers of tensors that also answer isinstance."""

    of: DType

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor) and instance.dtype is cls.of

    def __call__(cls, *args: Any, **named: Any) -> Tensor:
        made: Tensor = Tensor.__new__(Tensor, *args, dtype=cls.of, **named)
        return made


_OLD_NAMES = {
    "Float": "float32",
    "Double": "float64",
    "Half": "float16",
    "BFloat16": "bfloat16",
    "Long": "int64",
    "Int": "int32",
    "Short": "int16",
    "Char": "int8",
    "Byte": "uint8",
    "Bool": "bool",
}
OLD_TYPES = {
    f"{name}Tensor": _OldType(f"{name}Tensor", (), {"of": DTYPES[of]})
    for name, of in _OLD_NAMES.items()
}
