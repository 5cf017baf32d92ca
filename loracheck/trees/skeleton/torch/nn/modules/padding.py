"""Padding: layers without parameters."""

from __future__ import annotations

from typing import Any, ClassVar

from ._plain import repeated
from .module import Module


class _Pad(Module):
    """A width for each side."""

    dims: ClassVar[int] = 1

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = repeated(padding, 2 * self.dims)


class _ConstantPad(_Pad):
    """Widths and a value."""

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value


def _layers(kind: str, base: type) -> dict[str, type]:
    names = {f"{kind}Pad{dims}d": dims for dims in (1, 2, 3)}
    return {
        name: type(name, (base,), {"dims": dims, "__module__": __name__, "__qualname__": name})
        for name, dims in names.items()
    }


for _kind in ("Zero", "Reflection", "Replication", "Circular"):
    globals().update(_layers(_kind, _Pad))
globals().update(_layers("Constant", _ConstantPad))
