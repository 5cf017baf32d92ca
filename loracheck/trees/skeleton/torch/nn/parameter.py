"""Parameters and buffers: tensors that a module takes notice of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._creation import empty
from .._tensor import Tensor
from .._values import new_of

if TYPE_CHECKING:
    from .._dtypes import DType


class _Marked(type):
    """A tensor of another subclass may be marked as parameter or buffer and then counts as one, as
    in torch.
    """

    mark: str

    def __instancecheck__(cls, instance: object) -> bool:
        if type.__instancecheck__(cls, instance):
            return True
        mark = cls.__dict__.get("mark")
        return mark is not None and isinstance(instance, Tensor) and mark in instance.__dict__


class Parameter(Tensor, metaclass=_Marked):
    """A tensor that trains. Raises RuntimeError for an integer one that should."""

    mark = "_is_param"

    def __new__(cls, data: Any = None, requires_grad: bool = True, **_: object) -> Any:
        if data is None:
            data = empty(0)
        if requires_grad and not (data.dtype.is_floating_point or data.dtype.is_complex):
            raise RuntimeError(
                "Only Tensors of floating point and complex dtype can require gradients"
            )
        own = cls is Parameter and type(data) not in (Tensor, Parameter)
        made: Any = new_of(type(data) if own else cls, data.array, data.dtype, data.device)
        if own:
            made.__dict__.update(data.__dict__)
            made._is_param = True
        made.requires_grad = requires_grad
        return made

    def __repr__(self) -> str:
        return f"Parameter containing:\n{Tensor.__repr__(self)}"


class Buffer(Tensor, metaclass=_Marked):
    """A tensor that is kept with the module and does not train."""

    mark = "_is_buffer"

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        made: Any = (empty(0) if data is None else data).detach()
        made._is_buffer = True
        made.persistent = persistent
        return made


class UninitializedParameter(Parameter):
    """A parameter whose shape is not known yet."""


class UninitializedBuffer(Tensor):
    """A buffer whose shape is not known yet."""


def fresh(shape: Any, dtype: DType | None = None, device: Any = None) -> Parameter:
    """A new parameter of that shape."""
    made: Parameter = Parameter(empty(shape, dtype=dtype, device=device))
    return made
