"""Pooling: layers without parameters."""

from __future__ import annotations

from typing import Any

from ._plain import REQUIRED, PlainLayer, plain_layers, repeated


class _Pool(PlainLayer):
    """The stride is the kernel size unless given."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.__dict__["stride"] is None:
            self.__dict__["stride"] = self.__dict__["kernel_size"]


class _Pool1d(_Pool):
    """Average pooling of one dimension keeps its numbers as tuples."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for name in ("kernel_size", "stride", "padding"):
            setattr(self, name, repeated(getattr(self, name), 1))


_KERNEL = {"kernel_size": REQUIRED, "stride": None}
_MAX = {**_KERNEL, "padding": 0, "dilation": 1, "return_indices": False, "ceil_mode": False}
_AVERAGE = {**_KERNEL, "padding": 0, "ceil_mode": False, "count_include_pad": True}
_DIMS = (1, 2, 3)
globals().update(plain_layers(__name__, {f"MaxPool{n}d": _MAX for n in _DIMS}, _Pool))
globals().update(
    plain_layers(__name__, {f"MaxUnpool{n}d": {**_KERNEL, "padding": 0} for n in _DIMS}, _Pool)
)
globals().update(plain_layers(__name__, {"AvgPool1d": _AVERAGE}, _Pool1d))
_DIVIDED = {**_AVERAGE, "divisor_override": None}
globals().update(plain_layers(__name__, {f"AvgPool{n}d": _DIVIDED for n in (2, 3)}, _Pool))
_POWER = {"norm_type": REQUIRED, **_KERNEL, "ceil_mode": False}
globals().update(plain_layers(__name__, {f"LPPool{n}d": _POWER for n in _DIMS}, _Pool))
_OUTPUT = {"output_size": REQUIRED}
globals().update(plain_layers(__name__, {f"AdaptiveAvgPool{n}d": _OUTPUT for n in _DIMS}))
_INDICES = {**_OUTPUT, "return_indices": False}
globals().update(plain_layers(__name__, {f"AdaptiveMaxPool{n}d": _INDICES for n in _DIMS}))
