"""Work on everything below a module: casts, moves, flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._dtypes import DType
from ..._tensor import Tensor
from ._paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self


class Moving(Paths):
    """Every method gives the module back."""

    def _apply(self, fn: Callable[[Any], Tensor], recurse: bool = True) -> Self:
        if recurse:
            for child in self.children():
                child._apply(fn)
        for tensor in (*self._parameters.values(), *self._buffers.values()):
            if tensor is not None:
                tensor.data = fn(tensor)
        return self

    def apply(self, fn: Callable[[Any], Any]) -> Self:
        """Call `fn` on every module, children first."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def to(self, *args: Any, dtype: Any = None, device: Any = None, **_: object) -> Self:
        """Cast floating tensors, move all."""
        for each in args:
            if isinstance(each, Tensor):
                dtype, device = each.dtype, each.device
            elif isinstance(each, DType):
                dtype = each
            elif each is not None and not isinstance(each, bool):
                device = each
        return self._apply(
            lambda t: t.to(dtype=dtype if t.dtype.is_floating_point else None, device=device)
        )

    def type(self, dst_type: Any) -> Self:
        """Cast."""
        return self.to(dtype=dst_type)

    def train(self, mode: bool = True) -> Self:
        """Set the training flag everywhere."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Clear the training flag everywhere."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set whether parameters train."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def _itself(self, *_: object, **__: object) -> Self:
        """Placement, gradients and compilation are not modelled."""
        return self

    cpu = cuda = to_empty = share_memory = zero_grad = compile = _itself


def _cast(name: str) -> Callable[[Moving], Moving]:
    return lambda self: self.to(dtype=name)


for _name in ("float16", "float32", "float64", "bfloat16"):
    setattr(
        Moving,
        {"float16": "half", "float32": "float", "float64": "double"}.get(_name, _name),
        _cast(_name),
    )
