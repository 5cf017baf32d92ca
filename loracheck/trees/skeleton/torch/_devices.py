"""Devices: a name, an index, and the stack of `with torch.device(...)` blocks."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Device:
    """A device; as a context manager or decorator it becomes the default one."""

    def __init__(self, type: str | int | Device = "cpu", index: int | None = None) -> None:
        self.type: str
        self.index: int | None
        if isinstance(type, Device):
            self.type, self.index = type.type, type.index
        elif isinstance(type, int):
            self.type, self.index = "cuda", type
        else:
            self.type, colon, number = type.partition(":")
            self.index = int(number) if colon else index

    def __enter__(self) -> Device:
        _stack.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _stack.pop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return inside

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"


_stack = [Device("cpu")]


def get_default_device() -> Device:
    """Where new tensors are made."""
    return _stack[-1]


def set_default_device(where: str | int | Device | None) -> None:
    """None restores the CPU."""
    _stack[:] = [Device("cpu" if where is None else where)]


def as_device(where: str | int | Device | None) -> Device:
    """A device from what a `device=` argument may hold; None is the default one."""
    if where is None:
        return get_default_device()
    return where if isinstance(where, Device) else Device(where)
