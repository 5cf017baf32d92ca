"""The operators, builtins and methods that are applied to known values, each with a limit on the
size of its result.

An argument that is unknown makes the result UNKNOWN, and so does whatever Python would raise.
"""

from __future__ import annotations

import ast
import operator
import posixpath
import re

from loracheck.documents.model import Unknown
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from loracheck.documents.values import Value

MAX_TEXT = 10_000
"""Longest string that is made."""

MAX_ITEMS = 1_000
"""Longest list that is made."""

MAX_BITS = 256
"""Widest whole number that is worked with."""


class _Unknown:
    """The type of UNKNOWN."""


UNKNOWN: Final = _Unknown()
"""The result that cannot be known."""

_ERRORS = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError)

_SPEC = compile_when_used(r"[<>^=]?[-+]?0?\d{0,2}(?:\.\d{1,2})?[defgsx%]?")

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitOr: operator.or_,
}

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda a, b: a is b if b is None or isinstance(b, bool) else UNKNOWN,
    ast.IsNot: lambda a, b: a is not b if b is None or isinstance(b, bool) else UNKNOWN,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}

_CONVERSIONS: dict[int, Callable[[Any], str]] = {ord("r"): repr, ord("a"): ascii, ord("s"): str}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list": list,
    "tuple": tuple,
    "set": lambda *items: list(dict.fromkeys(*items)),
    "sorted": sorted,
    "min": min,
    "max": max,
    "abs": abs,
    "range": lambda *bounds: range(*bounds),
    "os.path.join": posixpath.join,
}
"""Builtins that are carried out, and what makes a model's id of its parts. A set is a list here, as
in expressions.py.
"""

METHODS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(
        (
            *("split", "rsplit", "splitlines", "strip", "lstrip", "rstrip", "lower", "upper"),
            *("replace", "join", "format", "removeprefix", "removesuffix", "title"),
            *("startswith", "endswith"),
        ),
        (str,),
    ),
    "get": (dict,),
    "keys": (dict,),
    "values": (dict,),
    "copy": (dict, list),
}
"""Methods that are carried out, with the types that they are carried out on."""


def has_unknown(value: Value) -> bool:
    """Whether any part of a value is unknown."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_unknown(item) for item in value)
    return isinstance(value, (Unknown, _Unknown))


def apply_binary(op: ast.operator, left: Any, right: Any) -> Any:
    """`left op right`. Lists and tuples may be joined although entries are unknown."""
    joins_lists = isinstance(op, ast.Add) and isinstance(left, (list, tuple))
    if type(op) not in _BINARY or (not joins_lists and has_unknown([left, right])):
        return UNKNOWN
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    if isinstance(op, ast.Mod) and isinstance(left, (str, bytes)):
        return _apply_percent(left, right)
    if not _is_small_enough(op, left, right):
        return UNKNOWN
    return _call_bounded(_BINARY[type(op)], left, right)


def _apply_percent(left: str | bytes, right: object) -> Any:
    """`"%s_proj" % name`, with plain %s and %d only: a width could be any number."""
    if isinstance(left, bytes) or re.search(r"%[^sd%]", left):
        return UNKNOWN
    return _call_bounded(operator.mod, left, right)


def _is_small_enough(op: ast.operator, left: Any, right: Any) -> bool:
    """Whether the result is small enough to be made at all."""
    if isinstance(op, ast.Pow):
        return all(isinstance(x, (int, float)) and abs(x) <= 1024 for x in (left, right)) and (
            abs(right) <= 64
        )
    if isinstance(op, ast.Mult):
        for many, times in ((left, right), (right, left)):
            if isinstance(many, (str, bytes)) and isinstance(times, int):
                return len(many) * times <= MAX_TEXT
            if isinstance(many, (list, tuple)) and isinstance(times, int):
                flat = not any(isinstance(item, (list, tuple, dict)) for item in many)
                return flat and len(many) * times <= MAX_ITEMS
    return True


def apply_unary(op: ast.unaryop, value: Value) -> Any:
    """`-value`, `+value`, `not value`."""
    if has_unknown(value):
        return UNKNOWN
    if isinstance(op, ast.Not):
        return not value
    if isinstance(op, ast.USub):
        return _call_bounded(operator.neg, value)
    return _call_bounded(operator.pos, value) if isinstance(op, ast.UAdd) else UNKNOWN


def apply_comparison(op: ast.cmpop, left: Any, right: Any) -> Any:
    """`left op right`."""
    if has_unknown([left, right]):
        return UNKNOWN
    return _call_bounded(_COMPARE[type(op)], left, right)


def call_builtin(name: str, arguments: list[Any]) -> Any:
    """A builtin's result."""
    if name == "len" and len(arguments) == 1 and not isinstance(arguments[0], Unknown):
        return _call_bounded(len, arguments[0])
    if name not in FUNCTIONS or has_unknown(arguments):
        return UNKNOWN
    if any(isinstance(a, (str, bytes)) and len(a) > MAX_BITS for a in arguments):
        return UNKNOWN
    return _call_bounded(FUNCTIONS[name], *arguments)


def call_method(name: str, owner: Any, arguments: list[Any], names: dict[str, Any]) -> Any:
    """A method's result."""
    if type(owner) not in METHODS[name] or has_unknown([*arguments, *names.values()]):
        return UNKNOWN
    if name == "get":
        return _call_bounded(owner.get, *arguments)
    if name == "format":
        return _format(owner, arguments, names)
    if names:
        return UNKNOWN
    if name in ("keys", "values"):
        return _call_bounded(lambda: list(getattr(owner, name)()), *arguments)
    if sum(len(a) for a in [owner, *arguments] if isinstance(a, str)) > MAX_BITS * 4:
        return UNKNOWN  # `replace` and `join` multiply what they are given
    return _call_bounded(getattr(owner, name), *arguments)


def _format(template: str, arguments: list[Any], names: dict[str, Any]) -> Any:
    """`str.format` with bare fields: `{}`, `{0}`, `{name}`."""
    fields = re.findall(r"\{([^{}]*)\}", template.replace("{{", "").replace("}}", ""))
    if not all(re.fullmatch(r"\w*", one) for one in fields):
        return UNKNOWN
    values = [*arguments, *names.values()]
    if not all(isinstance(value, (str, int, float)) for value in values):
        return UNKNOWN
    return _call_bounded(template.format, *arguments, **names)


def get_item(owner: Any, key: Any) -> Any:
    """`owner[key]`."""
    if isinstance(owner, dict) and isinstance(key, (str, int, float, type(None))):
        return owner.get(key, UNKNOWN)
    if isinstance(owner, (list, tuple, str)) and isinstance(key, int):
        return owner[key] if -len(owner) <= key < len(owner) else UNKNOWN
    return UNKNOWN


def get_slice(owner: Any, bounds: list[Any]) -> Any:
    """`owner[a:b:c]`."""
    if not isinstance(owner, (list, tuple, str)) or has_unknown(bounds):
        return UNKNOWN
    return _call_bounded(lambda: owner[slice(*bounds)])


def format_field(value: Value, conversion: int, spec: str) -> Any:
    """One field of an f-string."""
    if not isinstance(value, (str, int, float, type(None))) or not _SPEC.fullmatch(spec):
        return UNKNOWN
    if conversion >= 0:
        value = _CONVERSIONS[conversion](value)
    return _call_bounded(format, value, spec)


def _call_bounded(function: Callable[..., Any], *arguments: Any, **names: Any) -> Any:
    """The result, or UNKNOWN where Python would raise or the result is too big."""
    try:
        result = function(*arguments, **names)
        if isinstance(result, range):
            result = list(result) if len(result) <= MAX_ITEMS else UNKNOWN
    except _ERRORS:
        return UNKNOWN
    if isinstance(result, (str, bytes)) and len(result) > MAX_TEXT:
        return UNKNOWN
    if isinstance(result, (list, tuple, dict)) and len(result) > MAX_ITEMS:
        return UNKNOWN
    if isinstance(result, int) and result.bit_length() > MAX_BITS:
        return UNKNOWN
    plain_types = (str, bytes, int, float, list, tuple, dict, type(None))
    return result if isinstance(result, plain_types) else UNKNOWN
