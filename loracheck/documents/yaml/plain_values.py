"""The values of plain YAML that are no block collections: scalars and flow collections.

Scalars mean what PyYAML's `yaml.resolver.Resolver` and `yaml.constructor.SafeConstructor` make of
them (6.0.3): a table for words, and of numbers those that are written in the usual way. What could
be a number or a date in another way (`1_000`, `0x10`, `012`, `1:30`, `.5`, `2024-01-01`) raises
NotPlainError.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value

WORDS: dict[str, bool | None] = {
    spelling: value
    for value, words in ((True, ("yes", "true", "on")), (False, ("no", "false", "off")))
    for word in words
    for spelling in (word, word.capitalize(), word.upper())
}
WORDS |= dict.fromkeys(("~", "null", "Null", "NULL"))
"""What PyYAML takes for a truth value or for null; `y` and `n` are text to it."""

_BEGINNINGS = frozenset("_./~+-$(<")
"""Characters beside letters and digits that a plain scalar may begin with here."""

_OF_NO_NUMBER = frozenset("/@()=%ghjklmpqrsuvwyGHJKLMPQRSUVWY")
"""Characters that no number and no date has in it, in whatever way it is written."""

_MOST_LEVELS = 10
_MOST_DIGITS = 18

RawPlace = tuple[int, int, int, int, "dict[Any, RawPlace] | None"]
"""The offsets of a value and of its key (-1 without one), and the places of what is in it."""

PlacedValue = tuple["Value", RawPlace]


class NotPlainError(Exception):
    """The text is for PyYAML to read."""


def is_plain_key(key: str) -> bool:
    """Whether a key is text that is written without quotes, and nothing else."""
    if not key.isidentifier():
        joined = key.replace("-", "_").replace(".", "_").replace("/", "_")
        if not joined.isidentifier() or key[0] in "-./":
            return False
    return key not in WORDS


def read_inline(text: str, start: int) -> PlacedValue:
    """The value that the rest of a line begins with; nothing but a comment may follow. Raises
    NotPlainError.
    """
    first = text[0]
    if first in "[{":
        value, place, length = _read_flow(text, 0, start, 0)
        _require_end(text[length:])
        return value, place
    if first in "\"'":
        length = _find_closing(text, 0) + 1
        _require_end(text[length:])
        return _unquote(text[:length]), (start, start + length, -1, -1, None)
    if " #" in text:
        text = text[: text.index(" #")]
    text = text.rstrip(" ")
    if ": " in text or text[-1] == ":":
        raise NotPlainError
    return read_scalar(text), (start, start + len(text), -1, -1, None)


def read_scalar(text: str) -> Value:
    """The value of a plain scalar. Raises NotPlainError."""
    if text in WORDS:
        return WORDS[text]
    first = text[0]
    if first.isalpha():
        return text
    if first not in _BEGINNINGS and not ("0" <= first <= "9"):
        raise NotPlainError
    if first in "-+" and text[1:2] in ("", " "):
        raise NotPlainError
    if first in "_/~$(" or (first == "<" and text != "<<"):
        return text
    if first == "." and text[1:2] in ("/", "."):
        return text
    return _read_number(text)


def _read_number(text: str) -> Value:
    """The value of a scalar that begins like a number."""
    digits = text[1:] if text[0] in "+-" else text
    if len(digits) <= _MOST_DIGITS and digits.isascii():
        if digits.isdigit():
            if digits[0] != "0" or digits == "0":
                return int(text)
        elif _is_plain_float(digits):
            return float(text)
        elif _is_exponent_alone(digits):
            return text
    if _OF_NO_NUMBER.isdisjoint(text):
        raise NotPlainError
    return text


def _is_plain_float(digits: str) -> bool:
    """Whether it is `1.5` or `1.0e-4`: YAML 1.1 wants the point, and a sign behind the `e`."""
    whole, _, rest = digits.partition(".")
    fraction, e, exponent = rest.replace("E", "e").partition("e")
    if not (whole.isdigit() and fraction.isdigit()):
        return False
    return not e or (exponent[:1] in ("+", "-") and exponent[1:].isdigit())


def _is_exponent_alone(digits: str) -> bool:
    """Whether it is `1e-4`, which is text to YAML 1.1 for want of a point."""
    number, e, exponent = digits.replace("E", "e").partition("e")
    return bool(e) and number.isdigit() and exponent.removeprefix("-").isdigit()


def _require_end(rest: str) -> None:
    """Raises NotPlainError where anything but a comment follows a value: more rows too, which a
    bracket in a comment makes seem to belong to a flow collection.
    """
    if "\n" in rest:
        raise NotPlainError
    if rest and rest.strip(" ") and not (rest[0] == " " and rest.lstrip(" ")[0] == "#"):
        raise NotPlainError


def _find_closing(text: str, at: int) -> int:
    """Where the quoted text that begins at `at` ends, which has neither a quote nor any escape but
    that of the backslash.
    """
    quote = text[at]
    end = text.find(quote, at + 1)
    inside = text[at + 1 : end]
    doubled = quote == "'" and text[end + 1 : end + 2] == "'"
    escapes = quote == '"' and "\\" in inside.replace("\\\\", "")
    if end < 0 or doubled or escapes or "\n" in inside:
        raise NotPlainError
    return end


def _unquote(source: str) -> str:
    text = source[1:-1]
    return text.replace("\\\\", "\\") if source[0] == '"' else text


def _read_flow(source: str, at: int, offset: int, level: int) -> tuple[Value, RawPlace, int]:
    """The value that begins at `at` inside of a flow collection, or such a collection; behind it
    where it ends. `offset` is that of `source` in the text.
    """
    first = source[at : at + 1]
    if first == "[" or first == "{":
        if level > _MOST_LEVELS:
            raise NotPlainError
        return (_read_flow_list if first == "[" else _read_flow_mapping)(source, at, offset, level)
    if first == '"' or first == "'":
        end = _find_closing(source, at) + 1
        return _unquote(source[at:end]), (offset + at, offset + end, -1, -1, None), end
    end = at
    most = len(source)
    while end < most and source[end] not in ",]}":
        if source[end] in "[{:#?":
            raise NotPlainError
        end += 1
    text = source[at:end].rstrip(" \n")
    if not text or "\n" in text:
        raise NotPlainError
    return read_scalar(text), (offset + at, offset + at + len(text), -1, -1, None), end


def _read_flow_list(text: str, begin: int, offset: int, level: int) -> tuple[Value, RawPlace, int]:
    values: list[Value] = []
    places: dict[Any, RawPlace] = {}
    at = _skip_spaces(text, begin + 1)
    while text[at : at + 1] != "]":
        value, place, at = _read_flow(text, at, offset, level + 1)
        places[len(values)] = place
        values.append(value)
        at = _skip_separator(text, at, "]")
    return values, (offset + begin, offset + at + 1, -1, -1, places), at + 1


def _read_flow_mapping(
    text: str, begin: int, offset: int, level: int
) -> tuple[Value, RawPlace, int]:
    values: dict[Any, Value] = {}
    places: dict[Any, RawPlace] = {}
    at = _skip_spaces(text, begin + 1)
    while text[at : at + 1] != "}":
        colon = text.find(":", at)
        key = text[at:colon]
        if colon < 0 or text[colon + 1 : colon + 2] not in (" ", "\n") or not is_plain_key(key):
            raise NotPlainError
        if key in values:
            raise NotPlainError
        start = _skip_spaces(text, colon + 1)
        value, place, end = _read_flow(text, start, offset, level + 1)
        values[key] = value
        places[key] = (place[0], place[1], offset + at, offset + colon, place[4])
        at = _skip_separator(text, end, "}")
    return values, (offset + begin, offset + at + 1, -1, -1, places), at + 1


def _skip_spaces(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\n"):
        at += 1
    return at


def _skip_separator(text: str, at: int, closing: str) -> int:
    """Where the next entry begins, or where the collection is closed; a comma may stand before."""
    at = _skip_spaces(text, at)
    if text[at : at + 1] == closing:
        return at
    if text[at : at + 1] != ",":
        raise NotPlainError
    return _skip_spaces(text, at + 1)
