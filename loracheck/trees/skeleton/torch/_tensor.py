"""`torch.Tensor`: shape, dtype, device and, while it is small, values."""

from __future__ import annotations

from copy import copy as shallow_copy
from typing import TYPE_CHECKING, Any

import numpy as np

from ._devices import as_device, device
from ._dtypes import DTYPES, as_dtype, dtype, float32, get_default_dtype
from ._elementwise import Elementwise
from ._reducing import Reducing
from ._shaping import Shaping
from ._size import Size, normal_shape
from ._values import Array, Held, ghost, is_big, new, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

_CASTS = {
    **{name: name for name in ("bfloat16", "bool")},
    **{"float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32"},
    **{"short": "int16", "char": "int8", "byte": "uint8", "cfloat": "complex64"},
}


class Tensor(Shaping, Elementwise, Reducing):
    """A tensor that can be made, reshaped and, while small, computed with; it cannot be trained."""

    grad_fn = layout = None
    is_leaf = True
    is_cuda = is_sparse = is_quantized = is_mkldnn = is_nested = is_xla = is_mps = False
    __array_priority__ = 1000

    def __new__(cls, *args: Any, device: Any = None, dtype: Any = None, **_: object) -> Any:  # noqa: ANN401
        """`Tensor(2, 3)` by sizes, `Tensor([...])` by values."""
        of = as_dtype(dtype) or get_default_dtype()
        if len(args) == 1 and isinstance(args[0], (list, tuple, np.ndarray, Held)) and not isinstance(args[0], Size):
            return new(np.asarray(plain(args[0])).astype(of.store), of, as_device(device), cls)
        return new(ghost(normal_shape(args) if args else (0,), of), of, as_device(device), cls)

    def __init__(self, *_: object, **__: object) -> None:
        """`__new__` has done it; subclasses may take any arguments."""

    @staticmethod
    def _make_subclass(cls: type[Tensor], data: Tensor, require_grad: bool = False, *_: object) -> Tensor:
        made: Tensor = new(data.array, data.dtype, data.device, cls)
        made.requires_grad = require_grad
        return made

    @staticmethod
    def _make_wrapper_subclass(cls: type[Tensor], size: Any, *, dtype: Any = None, **_: object) -> Tensor:  # noqa: ANN401
        of = dtype or get_default_dtype()
        made: Tensor = new(ghost(normal_shape((size,)), of), of, None, cls)
        return made

    @classmethod
    def __torch_function__(cls, func: Any, types: object, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        return func(*args, **(kwargs or {}))

    @property
    def data(self) -> Tensor:
        """The tensor itself: there is no gradient to be left behind."""
        return self

    @data.setter
    def data(self, other: Tensor) -> None:
        self.array, self.dtype, self.device = other.array, other.dtype, other.device

    @property
    def T(self) -> Tensor:  # noqa: N802 - torch's own name
        """All dimensions reversed."""
        return self.derive(self.array.T)

    @property
    def mT(self) -> Tensor:  # noqa: N802
        """The last two dimensions swapped."""
        return self.transpose(-1, -2)

    @property
    def real(self) -> Tensor:
        """The real part."""
        return self.derive(np.real(self.array), self.dtype.to_real())

    @property
    def imag(self) -> Tensor:
        """The imaginary part."""
        return self.derive(np.imag(self.array), self.dtype.to_real())

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.array.size * self.dtype.itemsize

    @property
    def is_meta(self) -> bool:
        """Made on the meta device."""
        return self.device.type == "meta"

    def size(self, dim: int | None = None) -> Any:  # noqa: ANN401 - Size or int
        """The shape, or one entry of it."""
        return self.shape if dim is None else self.array.shape[dim]

    def dim(self) -> int:
        """Number of dimensions."""
        return self.array.ndim

    def numel(self) -> int:
        """Number of elements."""
        return self.array.size

    def element_size(self) -> int:
        """Bytes of one element."""
        return self.dtype.itemsize

    def stride(self, dim: int | None = None) -> Any:  # noqa: ANN401 - tuple or int
        """Steps of a contiguous tensor of this shape."""
        steps = [1]
        for length in reversed(self.array.shape[1:]):
            steps.insert(0, steps[0] * length)
        found = tuple(steps[: self.array.ndim])
        return found if dim is None else found[dim]

    def data_ptr(self) -> int:
        """Different for every tensor, as storages are never shared here."""
        return id(self)

    def is_floating_point(self) -> bool:
        """Whether the dtype is a floating one."""
        return self.dtype.is_floating_point

    def is_complex(self) -> bool:
        """Whether the dtype is a complex one."""
        return self.dtype.is_complex

    def is_contiguous(self, *_: object, **__: object) -> bool:
        """Layout is not modelled."""
        return True

    def get_device(self) -> int:
        """No accelerator."""
        return -1

    def item(self) -> Any:  # noqa: ANN401
        """The only element as a Python number. Raises RuntimeError for several."""
        if self.array.size != 1:
            raise RuntimeError(f"a Tensor with {self.array.size} elements cannot be converted to Scalar")
        return self.array.item()

    def tolist(self) -> Any:  # noqa: ANN401
        """Values as nested lists. Raises RuntimeError where the tensor is too big to have any."""
        if is_big(self.array.shape):
            raise RuntimeError("values of a tensor of this size are not known")
        return self.array.tolist()

    def numpy(self, **_: object) -> Array:
        """Values as a numpy array."""
        return self.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:  # noqa: ANN401
        return self.array if dtype is None else self.array.astype(dtype)

    def __len__(self) -> int:
        if not self.array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self.array.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self.unbind())

    def __bool__(self) -> bool:
        return bool(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __index__(self) -> int:
        return int(self.item())

    def __contains__(self, value: object) -> bool:
        return bool(np.any(self.array == plain(value)))

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if not self.array.ndim else repr(self)

    def __repr__(self) -> str:
        return f"tensor(..., size={tuple(self.shape)}, dtype={self.dtype}, device='{self.device}')"

    def __getitem__(self, index: Any) -> Tensor:  # noqa: ANN401
        return self.derive(self.array[_plain_index(index)])

    def __setitem__(self, index: Any, value: Any) -> None:  # noqa: ANN401
        if is_big(self.array.shape):
            return
        if not self.array.flags.writeable:
            self.array = self.array.copy()
        self.array[_plain_index(index)] = plain(value)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        made = shallow_copy(self)
        made.__dict__.update(self.__dict__)
        return memo.setdefault(id(self), made)

    def __copy__(self) -> Tensor:
        made: Tensor = new(self.array, self.dtype, self.device, type(self))
        made.__dict__.update(self.__dict__)
        return made

    def __reduce_ex__(self, protocol: object) -> Any:  # noqa: ANN401
        return _rebuild, (type(self), self.__dict__)

    def to(self, *args: Any, dtype: Any = None, device: Any = None, **_: object) -> Tensor:  # noqa: ANN401
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
        made: Tensor = new(array, of, where)
        return made

    def type(self, dtype: Any = None, *_: object) -> Any:  # noqa: ANN401 - a name or a Tensor
        """The old name of the type, or a cast."""
        if dtype is None:
            return "torch.FloatTensor" if self.dtype is float32 else f"torch.{self.dtype.name}Tensor"
        return self.to(getattr(dtype, "of", None) or as_dtype(dtype))

    def type_as(self, other: Held) -> Tensor:
        """Cast to another tensor's dtype."""
        return self.to(other.dtype)

    def clone(self, *_: object, **__: object) -> Tensor:
        """A copy of its own."""
        return self.derive(self.array if is_big(self.array.shape) else self.array.copy())

    def detach(self) -> Tensor:
        """Without gradient: a plain tensor on the same values."""
        return self.derive(self.array)

    def contiguous(self, *_: object, **__: object) -> Tensor:
        """Itself: layout and placement are not modelled."""
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set whether it trains."""
        self.requires_grad = requires_grad
        return self

    def new_empty(self, *size: Any, dtype: dtype | None = None, **_: object) -> Tensor:  # noqa: ANN401
        """A new tensor beside this one, of zeros."""
        of = dtype or self.dtype
        return self.derive(ghost(normal_shape(size), of), of)

    def new_full(self, size: Any, fill_value: object, dtype: dtype | None = None, **_: object) -> Tensor:  # noqa: ANN401
        """A new tensor beside this one, of one value."""
        of = dtype or self.dtype
        value = np.asarray(plain(fill_value)).astype(of.store)
        return self.derive(np.broadcast_to(value, normal_shape((size,))), of)

    def new_ones(self, *size: Any, **named: Any) -> Tensor:  # noqa: ANN401
        """A new tensor beside this one, of ones."""
        return self.new_full(normal_shape(size), 1, **named)

    def new_tensor(self, data: object, dtype: dtype | None = None, **_: object) -> Tensor:
        """A new tensor beside this one, of values."""
        of = dtype or self.dtype
        return self.derive(np.asarray(plain(data)).astype(of.store), of)

    def fill_(self, value: object) -> Tensor:
        """All elements set to one value."""
        one = np.asarray(plain(value)).astype(self.dtype.store).reshape(())
        self.array = np.broadcast_to(one, self.array.shape)
        return self

    def zero_(self) -> Tensor:
        """All elements set to zero."""
        return self.fill_(0)

    def copy_(self, other: Held, *_: object, **__: object) -> Tensor:
        """Values of another tensor."""
        if not is_big(self.array.shape):
            self.array = np.broadcast_to(other.array, self.array.shape).astype(self.dtype.store)
        return self

    def _unchanged(self, *_: object, **__: object) -> Tensor:
        """In-place work that sets values which nothing reads: random numbers, scattered writes, backward passes."""
        return self

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        base = getattr(type(self), name[:-1], None) if name.endswith("_") and not name.startswith("_") else None
        if base is None:
            raise AttributeError(f"'Tensor' object has no attribute '{name}'")

        def in_place(*args: Any, **named: Any) -> Tensor:  # noqa: ANN401
            array = base(self, *args, **named).array
            self.array = np.broadcast_to(array, np.broadcast_shapes(array.shape, self.array.shape))
            return self

        return in_place

    nelement = numel
    ndimension = dim
    H = mH = mT
    cpu = cuda = pin_memory = contiguous
    new_zeros = new = new_empty
    normal_ = uniform_ = random_ = bernoulli_ = exponential_ = trunc_normal_ = erfinv_ = _unchanged
    cauchy_ = geometric_ = log_normal_ = fill_diagonal_ = _unchanged
    index_copy_ = index_fill_ = index_add_ = scatter_ = scatter_add_ = resize_ = set_ = _unchanged
    detach_ = share_memory_ = retain_grad = register_hook = backward = _unchanged
    scatter = scatter_add = index_add = index_copy = clone


def _plain_index(index: Any) -> Any:  # noqa: ANN401
    if isinstance(index, tuple):
        return tuple(_plain_index(each) for each in index)
    if isinstance(index, slice):
        return slice(*(int(e) if isinstance(e, Held) else e for e in (index.start, index.stop, index.step)))
    return plain(index)


def _rebuild(cls: type[Tensor], state: dict[str, Any]) -> Tensor:
    made = object.__new__(cls)
    made.__dict__.update(state)
    return made


def _cast(name: str, of: dtype) -> Any:  # noqa: ANN401
    def cast(self: Tensor, *_: object, **__: object) -> Tensor:
        return self.to(of)

    cast.__name__ = name
    return cast


_DEVICES = (str, device)
for _name, _of in _CASTS.items():
    setattr(Tensor, _name, _cast(_name, DTYPES[_of]))
Held.plain = Tensor
Tensor.__module__ = "torch"
