"""Layers: names, parameters and shapes."""

from __future__ import annotations

from typing import Any

from . import functional, init, modules, utils
from .parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter

for _name, _value in vars(modules).items():
    if isinstance(_value, type):
        globals()[_name] = _value


def __getattr__(name: str) -> Any:
    from ._unknown import unknown_layer

    return unknown_layer(name, __name__, globals())


__all__ = [
    "Buffer",
    "Parameter",
    "UninitializedBuffer",
    "UninitializedParameter",
    "functional",
    "init",
    "modules",
    "utils",
]
