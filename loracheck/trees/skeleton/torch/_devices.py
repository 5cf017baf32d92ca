"""Devices: a name, an index, and the stack of `with torch.device(...)` blocks."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class device:  # noqa: N801 - torch's own name
    """A device; as a context manager or decorator it becomes the default one."""

    def __init__(self, type: str | int | device = "cpu", index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        elif isinstance(type, int):
            type, index = "cuda", type
        name, colon, number = str(type).partition(":")
        self.type = name
        self.index = int(number) if colon else index

    def __enter__(self) -> device:
        _stack.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _stack.pop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the function takes
            with self:
                return function(*args, **kwargs)

        return inside

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"


_stack = [device("cpu")]


def get_default_device() -> device:
    """Where new tensors are made."""
    return _stack[-1]


def set_default_device(where: str | int | device | None) -> None:
    """None restores the CPU."""
    _stack[:] = [device("cpu" if where is None else where)]


def as_device(where: str | int | device | None) -> device:
    """A device from what a `device=` argument may hold; None is the default one."""
    if where is None:
        return get_default_device()
    return where if isinstance(where, device) else device(where)
