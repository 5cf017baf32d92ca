"""Explains in one sentence why a text stops being JSON at an offset."""

from __future__ import annotations

import re

from loracheck.documents.lines import Lines
from loracheck.documents.values import MAX_DEPTH, MAX_DIGITS

_COMMENT = re.compile(r"//|/\*|#")
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_ODD_NUMBER = re.compile(r"[-+]?(?:0x[0-9a-fA-F]+|\.?[0-9][\w.+-]*)")
_STRINGS = {
    "Unterminated": "this string is never closed",
    "Invalid \\uXXXX": "this is no \\uXXXX escape: four hex digits are needed",
}


def explain_fault(text: str, at: int, expected: str, bracket_start: int | None) -> str:
    """The fault at offset `at`. `expected` is what the scanner looked for: "value", "key", "colon",
    "comma", "end", or one of "trailing-comma", "depth", "digits", "string:..."; `bracket_start` is
    the offset of the innermost open bracket.
    """
    if expected.startswith("string:"):
        return _explain_string(text, at, expected)
    fixed = _FIXED.get(expected)
    if fixed:
        return fixed.format(text[at : at + 1], closer=_get_closing_bracket(text, bracket_start))
    if at >= len(text):
        return _explain_end(text, expected, bracket_start)
    if _COMMENT.match(text, at):
        return "JSON has no comments"
    if expected == "end":
        return "something follows the end of the JSON value"
    if text[at] == "'":
        return "JSON takes double quotes, not single ones"
    if expected == "comma":
        return _explain_separator(text, at)
    if expected == "colon":
        return "a colon is missing after the key"
    return _explain_key(text, at) if expected == "key" else _explain_value(text, at)


_FIXED = {
    "trailing-comma": "JSON allows no comma before the closing `{closer}`",
    "depth": f"nested deeper than {MAX_DEPTH} levels",
    "digits": f"a whole number of more than {MAX_DIGITS:,} digits, which Python refuses to read",
}


def _get_closing_bracket(text: str, bracket_start: int | None) -> str:
    return "" if bracket_start is None else {"{": "}", "[": "]"}[text[bracket_start]]


def _explain_end(text: str, expected: str, bracket_start: int | None) -> str:
    if bracket_start is None:
        return f"the file ends where a {expected} should stand"
    line = Lines(text).at(bracket_start).line
    return f"the file ends, but the `{text[bracket_start]}` of line {line} is never closed"


def _explain_string(text: str, at: int, expected: str) -> str:
    message = expected.removeprefix("string:")
    for start, reason in _STRINGS.items():
        if message.startswith(start):
            return reason
    if message.startswith("Invalid \\escape"):
        return f"`{text[at : at + 2]}` is no JSON escape: write `\\{text[at : at + 2]}`"
    if text[at] in "\r\n":
        return "the line ends inside a string: its closing quote is missing"
    return f"a control character ({text[at]!r}) in a string must be escaped"


def _explain_separator(text: str, at: int) -> str:
    if text[at - 1].isalnum() and (text[at].isalnum() or text[at] == "."):
        return "a JSON number has no leading zero" if text[at].isdigit() else "no JSON value"
    return "a comma is missing before this"


def _explain_key(text: str, at: int) -> str:
    if _NAME.match(text, at):
        return "a key must be in double quotes"
    if text[at] == ",":
        return "a comma too many"
    return f"a key should stand here, not `{text[at]}`"


def _explain_value(text: str, at: int) -> str:
    name = _NAME.match(text, at)
    if name and name[0] in _PYTHON:
        return f"`{name[0]}` is Python: JSON writes `{_PYTHON[name[0]]}`"
    if name:
        return f"`{name[0][:40]}` is no JSON value: a string must be in double quotes"
    number = _ODD_NUMBER.match(text, at)
    if number:
        return f"`{number[0][:40]}` is no JSON number"
    if text[at] == ",":
        return "a comma too many"
    return f"a value should stand here, not `{text[at]}`"
