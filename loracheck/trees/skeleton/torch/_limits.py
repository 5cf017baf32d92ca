"""`torch.finfo` and `torch.iinfo`."""

from __future__ import annotations

import numpy as np

from ._dtypes import DType, get_default_dtype

_FLOATS = {
    "float8_e4m3fn": (448.0, 0.125, 0.015625),
    "float8_e5m2": (57344.0, 0.25, 6.103515625e-05),
    "float16": (65504.0, 0.0009765625, 6.103515625e-05),
    "bfloat16": (3.3895313892515355e38, 0.0078125, 1.1754943508222875e-38),
    "float32": (3.4028234663852886e38, 1.1920928955078125e-07, 1.1754943508222875e-38),
    "float64": (1.7976931348623157e308, 2.220446049250313e-16, 2.2250738585072014e-308),
}


class finfo:  # noqa: N801 - torch's own name
    """Limits of a floating dtype: greatest, step at one, smallest normal."""

    def __init__(self, type: DType | None = None) -> None:
        of = type or get_default_dtype()
        self.max, self.eps, self.tiny = _FLOATS.get(of.name, _FLOATS["float32"])
        self.min, self.smallest_normal, self.resolution = -self.max, self.tiny, self.eps
        self.bits, self.dtype = of.bits, of.name


class iinfo:  # noqa: N801 - torch's own name
    """Limits of an integer dtype."""

    def __init__(self, type: DType) -> None:
        limits = np.iinfo(type.store)
        self.min, self.max = int(limits.min), int(limits.max)
        self.bits, self.dtype = type.bits, type.name
