"""`torch.Tensor`: shape, dtype, device and, while it is small, values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._converting import Converting
from ._devices import as_device
from ._dtypes import as_dtype, get_default_dtype
from ._elementwise import Elementwise
from ._reducing import Reducing
from ._shaping import Shaping
from ._size import Size, normal_shape
from ._values import Array, Held, ghost, is_big, new_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterator


class Tensor(Converting, Shaping, Elementwise, Reducing):
    """A tensor that can be made, reshaped and, while small, computed with; it cannot be trained."""

    grad_fn = layout = None
    is_leaf = True
    is_cuda = is_sparse = is_quantized = is_mkldnn = is_nested = is_xla = is_mps = False
    __array_priority__ = 1000

    def __new__(cls, *args: Any, device: Any = None, dtype: Any = None, **_: object) -> Any:
        """`Tensor(2, 3)` by sizes, `Tensor([...])` by values."""
        of, where = as_dtype(dtype) or get_default_dtype(), as_device(device)
        sequence = len(args) == 1 and isinstance(args[0], (list, tuple, np.ndarray, Held))
        if sequence and not isinstance(args[0], Size):
            return new_of(cls, np.asarray(plain(args[0])).astype(of.store), of, where)
        return new_of(cls, ghost(normal_shape(args) if args else (0,), of), of, where)

    def __init__(self, *_: object, **__: object) -> None:
        """`__new__` has done it; subclasses may take any arguments."""

    @staticmethod
    def _make_subclass(
        cls: type[Tensor], data: Tensor, require_grad: bool = False, *_: object
    ) -> Tensor:
        made = new_of(cls, data.array, data.dtype, data.device)
        made.requires_grad = require_grad
        return made

    @staticmethod
    def _make_wrapper_subclass(
        cls: type[Tensor], size: Any, *, dtype: Any = None, **_: object
    ) -> Tensor:
        of = dtype or get_default_dtype()
        return new_of(cls, ghost(normal_shape((size,)), of), of)

    @classmethod
    def __torch_function__(
        cls, func: Any, types: object, args: Any = (), kwargs: Any = None
    ) -> Any:
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

    def size(self, dim: int | None = None) -> Any:
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

    def stride(self, dim: int | None = None) -> Any:
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

    def item(self) -> Any:
        """The only element as a Python number. Raises RuntimeError for several."""
        if self.array.size != 1:
            raise RuntimeError(
                f"a Tensor with {self.array.size} elements cannot be converted to Scalar"
            )
        return self.array.item()

    def tolist(self) -> Any:
        """Values as nested lists. Raises RuntimeError where the tensor is too big to have any."""
        if is_big(self.array.shape):
            raise RuntimeError("values of a tensor of this size are not known")
        return self.array.tolist()

    def numpy(self, **_: object) -> Array:
        """Values as a numpy array."""
        return self.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self.array if dtype is None else self.array.astype(dtype)

    def __len__(self) -> int:
        if not self.array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return int(self.array.shape[0])

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

    def __getitem__(self, index: Any) -> Tensor:
        return self.derive(self.array[_plain_index(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        if is_big(self.array.shape):
            return
        if not self.array.flags.writeable:
            self.array = self.array.copy()
        self.array[_plain_index(index)] = plain(value)

    def __copy__(self) -> Tensor:
        return _rebuild(type(self), self.__dict__)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return memo.setdefault(id(self), _rebuild(type(self), self.__dict__))

    def __reduce_ex__(self, protocol: object) -> Any:
        return _rebuild, (type(self), self.__dict__)

    def __getattr__(self, name: str) -> Any:
        base = (
            getattr(type(self), name[:-1], None)
            if name.endswith("_") and not name.startswith("_")
            else None
        )
        if base is None:
            raise AttributeError(f"'Tensor' object has no attribute '{name}'")

        def in_place(*args: Any, **named: Any) -> Tensor:
            array = base(self, *args, **named).array
            self.array = np.broadcast_to(array, np.broadcast_shapes(array.shape, self.array.shape))
            return self

        return in_place

    nelement = numel
    ndimension = dim
    H = mH = mT  # noqa: N815 - torch's own names


def _plain_index(index: Any) -> Any:
    if isinstance(index, tuple):
        return tuple(_plain_index(each) for each in index)
    if isinstance(index, slice):
        bounds = (index.start, index.stop, index.step)
        return slice(*[int(each) if isinstance(each, Tensor) else each for each in bounds])
    return plain(index)


def _rebuild(cls: type[Tensor], state: dict[str, Any]) -> Tensor:
    made = object.__new__(cls)
    made.__dict__.update(state)
    return made


Held.plain = Tensor
Tensor.__module__ = "torch"
