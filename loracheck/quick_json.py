"""`load`, `loads` and `dumps` as `json` has them, without importing it where that is not needed.

`import json` compiles five patterns and loads an encoder, a thirtieth of what a check of one file
costs. The scanner beneath it is C and stands in a module of its own. It reads what is sound; all
else `json` itself is asked for, whose answers and errors are so the same.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, Any

try:
    from _json import encode_basestring_ascii, make_scanner
except ImportError:  # another Python than CPython
    from json import JSONDecoder
    from json import dumps as encode_basestring_ascii

    def make_scanner(hooks: Any) -> Any:  # type: ignore[no-redef]
        """The scanner of `json`."""
        return JSONDecoder(**vars(hooks)).scan_once  # type: ignore[attr-defined]


SPACE = " \t\n\r"
"""What JSON takes for blank."""

_CONSTANTS = {name: float(name) for name in ("-Infinity", "Infinity", "NaN")}


class _Hooks:
    """What the scanner asks for how values are made."""

    strict = True
    object_hook = array_hook = None
    parse_float = float

    def __init__(
        self,
        object_pairs_hook: Callable[[list[tuple[str, Any]]], Any] | None = None,
        parse_int: Callable[[str], Any] = int,
        parse_constant: Callable[[str], Any] = _CONSTANTS.__getitem__,
    ) -> None:
        self.object_pairs_hook = object_pairs_hook
        self.parse_int = parse_int
        self.parse_constant = parse_constant


def _make_scanner(**hooks: Any) -> Callable[[str, int], tuple[Any, int]]:
    asked: Any = _Hooks(**hooks)
    return make_scanner(asked)


scan_value = _make_scanner()
"""Gives the value that begins at an offset of a text, and the offset of its end."""


def loads(text: str | bytes, **hooks: Any) -> Any:
    """As `json.loads`; `hooks` are `object_pairs_hook`, `parse_int` and `parse_constant`."""
    try:
        plain = text if isinstance(text, str) else text.decode()
        value, end = (_make_scanner(**hooks) if hooks else scan_value)(plain, _find_start(plain))
        if not plain[end:].strip(SPACE):
            return value
    except (StopIteration, ValueError):
        pass
    import json

    return json.loads(text, **hooks)


def load(file: IO[Any]) -> Any:
    """As `json.load`."""
    return loads(file.read())


def dumps(value: Any, **options: Any) -> str:
    """As `json.dumps`."""
    if type(value) is str and not options:
        return encode_basestring_ascii(value)
    import json

    return json.dumps(value, **options)


def _find_start(text: str) -> int:
    """Where the first character that is no blank stands."""
    return 0 if text[:1] not in SPACE else len(text) - len(text.lstrip(SPACE))
