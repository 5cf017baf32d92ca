"""dtypes: names, widths, and how two of them promote.

Promotion follows PyTorch's "Type Promotion" page (docs of `torch.dtype`): the category decides
first (bool, integer, floating, complex), tensors with dimensions outrank zero-dimensional ones, and
those outrank Python numbers.
"""

from __future__ import annotations

import numpy as np

_CATEGORIES = "bifc"


class DType:
    """A torch dtype. `store` is the numpy type that holds values: narrow floats are kept as
    float32.
    """

    def __init__(self, name: str, kind: str, bits: int, store: str) -> None:
        self.name, self.kind, self.bits = name, kind, bits
        self.store = np.dtype(store)
        self.itemsize = max(1, bits // 8)
        self.is_floating_point = kind == "f"
        self.is_complex = kind == "c"
        self.is_signed = kind != "b" and not name.startswith(("uint", "quint"))
        self.category = _CATEGORIES.index(kind)

    def to_real(self) -> DType:
        """float32 for complex64, and so on; a real dtype is its own."""
        return {"complex32": float16, "complex64": float32, "complex128": float64}.get(
            self.name, self
        )

    def to_complex(self) -> DType:
        """complex64 for float32, and so on; a complex dtype is its own."""
        return self if self.kind == "c" else complex128 if self.name == "float64" else complex64

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name


bool_ = DType("bool", "b", 8, "bool")
uint8 = DType("uint8", "i", 8, "uint8")
int8 = DType("int8", "i", 8, "int8")
int16 = DType("int16", "i", 16, "int16")
int32 = DType("int32", "i", 32, "int32")
int64 = DType("int64", "i", 64, "int64")
float16 = DType("float16", "f", 16, "float32")
bfloat16 = DType("bfloat16", "f", 16, "float32")
float32 = DType("float32", "f", 32, "float32")
float64 = DType("float64", "f", 64, "float64")
complex64 = DType("complex64", "c", 64, "complex64")
complex128 = DType("complex128", "c", 128, "complex128")

_PLAIN = [
    bool_,
    uint8,
    int8,
    int16,
    int32,
    int64,
    float16,
    bfloat16,
    float32,
    float64,
    complex64,
    complex128,
]
_RARE = [
    *(DType(f"uint{bits}", "i", bits, f"uint{bits}") for bits in (16, 32, 64)),
    *(
        DType(f"float8_{form}", "f", 8, "float32")
        for form in ("e4m3fn", "e5m2", "e4m3fnuz", "e5m2fnuz", "e8m0fnu")
    ),
    DType("float4_e2m1fn_x2", "f", 8, "float32"),
    DType("complex32", "c", 32, "complex64"),
    DType("qint8", "i", 8, "int8"),
    DType("quint8", "i", 8, "uint8"),
    DType("qint32", "i", 32, "int32"),
]
ALIASES = {
    "float": float32,
    "double": float64,
    "half": float16,
    "long": int64,
    "int": int32,
    "short": int16,
    "cfloat": complex64,
    "cdouble": complex128,
}
DTYPES = {each.name: each for each in _PLAIN + _RARE}
_OF_STORE = {
    each.store: each for each in [*_PLAIN[:6], *_RARE[:3], float32, float64, complex64, complex128]
}
_OF_PYTHON = {bool: bool_, int: int64, float: float64, complex: complex128}

_default = [float32]


def get_default_dtype() -> DType:
    """The dtype of new floating tensors."""
    return _default[0]


def set_default_dtype(d: DType) -> None:
    """Only floating dtypes may be the default (TypeError otherwise), as in torch."""
    if not d.is_floating_point:
        raise TypeError(f"only floating-point types are supported as the default type, got {d}")
    _default[0] = d


def as_dtype(what: object) -> DType | None:
    """A dtype from a dtype, a Python type, a numpy type or a name; None stays None."""
    if what is None or isinstance(what, DType):
        return what
    if isinstance(what, type) and what in _OF_PYTHON:
        return _OF_PYTHON[what]
    if isinstance(what, str):
        name = what.removeprefix("torch.")
        return ALIASES.get(name) or DTYPES[name]
    return of_store(np.dtype(what))  # type: ignore[call-overload]


def of_store(store: np.dtype[np.generic]) -> DType:
    """The torch dtype of values in a numpy array."""
    return float16 if store == np.float16 else _OF_STORE[store]


def of_number(number: object) -> DType:
    """The dtype a Python number brings into an operation."""
    if isinstance(number, (bool, np.bool_)):
        return bool_
    if isinstance(number, (int, np.integer)):
        return int64
    if isinstance(number, (float, np.floating)):
        return get_default_dtype()
    if isinstance(number, (complex, np.complexfloating)):
        return get_default_dtype().to_complex()
    raise TypeError(f"unsupported operand type: {type(number).__name__}")


def promote_types(a: DType, b: DType) -> DType:
    """The dtype of a result of two equally ranked operands."""
    if a is b:
        return a
    if a.category != b.category:
        return a if a.category > b.category else b
    if a.bits != b.bits:
        return a if a.bits > b.bits else b
    return float32 if a.kind == "f" else int16 if a.bits == 8 else a
