"""Element by element: arithmetic, comparisons and mathematical functions, all from one table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ._dtypes import bool_, get_default_dtype
from ._size import broadcast
from ._values import Array, Held, device_of, ghost, is_big, new, plain, result_type, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self


_KEYWORDS = ("input", "other", "exponent")


def _operation(
    name: str, compute: Callable[..., Array], rule: str, arity: int
) -> Callable[..., Any]:
    """A torch function. `rule`: the result is of the promoted type ("same"), at least floating
    ("float") or "bool".
    """

    def operate(
        *args: Any, rounding_mode: str | None = None, alpha: float = 1, **named: Any
    ) -> Any:
        operands = (*args[:arity], *(named[word] for word in _KEYWORDS if word in named))
        operands = tuple(wrap(x) if isinstance(x, (list, tuple)) else x for x in operands)
        if rounding_mode is not None:
            return FUNCTIONS["floor_divide"](*operands)
        if alpha != 1:
            operands = (operands[0], operands[1] * alpha)
        of = result_type(*operands)
        if rule == "bool":
            of = bool_
        elif rule == "float" and of.kind in "bi":
            of = get_default_dtype()
        shape = broadcast(*[np.shape(plain(x)) for x in operands])
        where = device_of(operands)
        if is_big(shape):
            return new(ghost(shape, of), of, where)
        values = np.asarray(compute(*[plain(x) for x in operands])).astype(of.store, copy=False)
        return new(values, of, where)

    operate.__name__ = operate.__qualname__ = name
    return operate


def _power(base: Any, exponent: Any) -> Array:
    if np.asarray(base).dtype.kind in "iub" and np.any(np.asarray(exponent) < 0):
        base = np.asarray(base, "float64")  # numpy refuses integers to negative powers
    return np.asarray(np.power(base, exponent))


def _erf(values: Any) -> Array:
    return np.vectorize(math.erf, otypes=[float])(values) if np.size(values) else np.asarray(values)


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


_BINARY: dict[str, tuple[Callable[..., Any], str]] = {
    "add": (np.add, "same"),
    "sub": (np.subtract, "same"),
    "mul": (np.multiply, "same"),
    "div": (np.true_divide, "float"),
    "floor_divide": (np.floor_divide, "same"),
    "remainder": (np.mod, "same"),
    "fmod": (np.fmod, "same"),
    "pow": (_power, "same"),
    "maximum": (np.maximum, "same"),
    "minimum": (np.minimum, "same"),
    "atan2": (np.arctan2, "float"),
    "eq": (np.equal, "bool"),
    "ne": (np.not_equal, "bool"),
    "lt": (np.less, "bool"),
    "le": (np.less_equal, "bool"),
    "gt": (np.greater, "bool"),
    "ge": (np.greater_equal, "bool"),
    "logical_and": (np.logical_and, "bool"),
    "logical_or": (np.logical_or, "bool"),
    "logical_xor": (np.logical_xor, "bool"),
    "bitwise_and": (np.bitwise_and, "same"),
    "bitwise_or": (np.bitwise_or, "same"),
    "bitwise_xor": (np.bitwise_xor, "same"),
    "bitwise_left_shift": (np.left_shift, "same"),
    "bitwise_right_shift": (np.right_shift, "same"),
}
_AS_NUMPY = {
    "float": "sin cos tan exp expm1 log log2 log10 log1p sqrt tanh sinh cosh sinc angle deg2rad",
    "same": "abs sign floor ceil round trunc square nan_to_num",
    "bool": "isnan isinf isfinite logical_not",
}
_UNARY: dict[str, tuple[Callable[..., Any], str]] = {
    **{
        name: (getattr(np, name), rule)
        for rule, names in _AS_NUMPY.items()
        for name in names.split()
    },
    "acos": (np.arccos, "float"),
    "asin": (np.arcsin, "float"),
    "atan": (np.arctan, "float"),
    "asinh": (np.arcsinh, "float"),
    "neg": (np.negative, "same"),
    "bitwise_not": (np.invert, "same"),
    "rsqrt": (lambda x: 1 / np.sqrt(x), "float"),
    "reciprocal": (lambda x: 1 / x, "float"),
    "erf": (_erf, "float"),
    "erfinv": (np.zeros_like, "float"),  # numpy has none, and no constructor reads its values
    "sigmoid": (_sigmoid, "float"),
    "logit": (lambda x: np.log(x / (1 - x)), "float"),
    "relu": (lambda x: np.maximum(x, 0), "same"),
    "silu": (lambda x: x * _sigmoid(x), "float"),
    "gelu": (lambda x: x * (1 + _erf(x / math.sqrt(2))) / 2, "float"),
    "softplus": (lambda x: np.logaddexp(x, 0), "float"),
}
_SYNONYMS = {
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "true_divide": "div",
    "greater": "gt",
    "less": "lt",
    "greater_equal": "ge",
    "less_equal": "le",
    "not_equal": "ne",
    "absolute": "abs",
    "negative": "neg",
    "arctan2": "atan2",
    "arccos": "acos",
    "arcsin": "asin",
    "arctan": "atan",
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _operation(name, compute, rule, 2) for name, (compute, rule) in _BINARY.items()},
    **{name: _operation(name, compute, rule, 1) for name, (compute, rule) in _UNARY.items()},
}
FUNCTIONS.update({name: FUNCTIONS[other] for name, other in _SYNONYMS.items()})

_OPERATORS = {
    **{
        f"__{name}__": name
        for name in ("add", "sub", "mul", "pow", "eq", "ne", "lt", "le", "gt", "ge")
    },
    "__truediv__": "div",
    "__floordiv__": "floor_divide",
    "__mod__": "remainder",
    "__and__": "bitwise_and",
    "__or__": "bitwise_or",
    "__xor__": "bitwise_xor",
    "__lshift__": "bitwise_left_shift",
    "__rshift__": "bitwise_right_shift",
}
_REFLECTED = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")


def _operator(name: str) -> Callable[[Held, object], object]:
    function = FUNCTIONS[name]

    def apply(self: Held, other: object) -> object:
        # A tensor is unequal to None, strings and types: Python then answers by identity.
        return (
            NotImplemented
            if other is None or isinstance(other, (str, type))
            else function(self, other)
        )

    return apply


def _reflected(name: str) -> Callable[[Held, object], object]:
    function = FUNCTIONS[name]
    return lambda self, other: function(other, self)


def _in_place(name: str) -> Callable[[Held, object], Held]:
    function = FUNCTIONS[name]

    def apply(self: Held, other: object) -> Held:
        self.array = function(self, other).array.astype(self.dtype.store, copy=False)
        return self

    return apply


class Elementwise(Held):
    """Operators of a tensor; the named methods are set from the table below."""

    def __neg__(self) -> Self:
        result: Self = FUNCTIONS["neg"](self)
        return result

    def __abs__(self) -> Self:
        result: Self = FUNCTIONS["abs"](self)
        return result

    def __invert__(self) -> Self:
        result: Self = FUNCTIONS["logical_not" if self.dtype is bool_ else "bitwise_not"](self)
        return result

    def __hash__(self) -> int:
        return id(self)


for _name, _function in FUNCTIONS.items():
    setattr(Elementwise, _name, _function)
for _name, _base in _OPERATORS.items():
    setattr(Elementwise, _name, _operator(_base))
for _name in _REFLECTED:
    setattr(Elementwise, f"__r{_name}__", _reflected(_OPERATORS[f"__{_name}__"]))
    setattr(Elementwise, f"__i{_name}__", _in_place(_OPERATORS[f"__{_name}__"]))
