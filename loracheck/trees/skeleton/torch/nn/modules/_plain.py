"""Layers without parameters: a class for each, its arguments kept as attributes."""

from __future__ import annotations

from typing import Any, ClassVar

from .module import Module

REQUIRED = object()
"""Marks an argument without a default."""


class PlainLayer(Module):
    """A layer that has nothing but its arguments."""

    arguments: ClassVar[dict[str, object]] = {}

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__()
        given = {**dict(zip(self.arguments, args, strict=False)), **named}
        if len(args) > len(self.arguments) or not given.keys() <= self.arguments.keys():
            raise TypeError(
                f"{type(self).__name__}.__init__() got an unexpected argument: {args} {named}"
            )
        for name, default in self.arguments.items():
            value = given.get(name, default)
            if value is REQUIRED:
                raise TypeError(
                    f"{type(self).__name__}.__init__() missing required argument: '{name}'"
                )
            self.__dict__[name] = value


def plain_layers(
    module: str, layers: dict[str, dict[str, object]], base: type = PlainLayer
) -> dict[str, type]:
    """One class for each entry, as if written in `module`."""
    return {
        name: type(
            name, (base,), {"__module__": module, "__qualname__": name, "arguments": arguments}
        )
        for name, arguments in layers.items()
    }


def repeated(value: Any, times: int) -> tuple[Any, ...]:
    """A tuple as it is, a number `times` over: how torch reads kernel sizes and strides."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * times
