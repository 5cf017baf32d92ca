"""Control characters in a linted file are replaced, so that they cannot act on a terminal."""

from __future__ import annotations

from loracheck.reporters.sinks import make_printable
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")


def clean(value: T) -> T:
    """The same value with every unprintable character replaced: line breaks and tabs by blanks, the
    rest by `?`.
    """
    cleaned: T = _clean(value)
    return cleaned


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return make_printable(value)
    if isinstance(value, tuple):
        items = [_clean(item) for item in value]
        make = getattr(value, "_make", None)
        return make(items) if make is not None else tuple(items)
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value
