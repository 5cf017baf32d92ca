"""The layers, each in the module torch keeps it in, so that class names are torch's own."""

from __future__ import annotations

from importlib import import_module
from typing import Any

ROOMS = """
module container linear sparse conv normalization batchnorm instancenorm activation dropout
pooling padding rnn transformer loss upsampling pixelshuffle channelshuffle flatten fold
distance adaptive
"""

for _room in ROOMS.split():
    _module = import_module(f".{_room}", __name__)
    for _name, _value in vars(_module).items():
        if isinstance(_value, type) and _value.__module__ == _module.__name__:
            globals()[_name] = _value


def __getattr__(name: str) -> Any:
    from .._unknown import unknown_layer

    return unknown_layer(name, __name__, globals())
