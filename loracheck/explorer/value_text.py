"""A field's value as one line of text, and back, in the way that one would write it down.

Names with commas between them are a list, anything else in a field that takes both is a regular
expression; `0-15, 20` is a list of numbers; `q_proj: 16, v_proj: 8` is a mapping. Quotes make a
string of anything, and JSON's brackets are always understood.
"""

from __future__ import annotations

import json
import re

from loracheck.documents.model import Unknown
from loracheck.fixes.verify import is_same_value
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .field_edit import ABSENT

if TYPE_CHECKING:
    from typing import Any

    from loracheck.config.field_table import Field
    from loracheck.documents.values import Value

_PLAIN = re.compile(r"[\w.-]*\w")
_RANGE = re.compile(r"(\d{1,6})\s*-\s*(\d{1,6})")
_INT = re.compile(r"[+-]?\d{1,18}")
_FLOAT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_WORDS = {"true": True, "false": False, "null": None, "none": None}
KEYWORDS = frozenset({"all-linear"})
"""Words that are no module's name."""

LONGEST_RANGE = 100_000


class IncompleteValue(NamedTuple):
    """A text that is no value yet; `reason` says what is missing."""

    reason: str


def get_value_types(field: Field) -> frozenset[str]:
    """The words of the field's type: "int", "str", "list[str]", "null" ..."""
    return frozenset(_split_union(field.type))


def _split_union(text: str) -> list[str]:
    members, depth = [""], 0
    for char in text:
        depth += (char == "[") - (char == "]")
        if char == "|" and not depth:
            members.append("")
        else:
            members[-1] += char
    return members


def format_value(value: Any, field: Field | None = None) -> str:
    """The value as text; ABSENT is the empty one. What is not known shows as it is written.

    Without a `field` the text reads back in any; with one, quotes that it does not need are left
    out.
    """
    if value is ABSENT:
        return ""
    if isinstance(value, Unknown):
        return value.text
    if isinstance(value, str):
        return _format_string(value, field)
    if isinstance(value, (list, tuple)) and value:
        return _format_list(list(value))
    if isinstance(value, dict) and value:
        text = ", ".join(f"{key}: {_format_json(item)}" for key, item in value.items())
        return (
            text
            if text[0] not in "\"'[{" and is_same_value(_parse_mapping(text), value)
            else _format_json(value)
        )
    return _format_json(value)


def _format_json(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _format_string(value: str, field: Field | None) -> str:
    """Bare where it reads back as the same string, else in quotes."""
    if field is not None and value in field.choices:
        return value
    if field is not None and value not in ("", *_WORDS) and not value.isspace():
        takes = get_value_types(field)
        if not any(kind.startswith(("list", "bare")) for kind in takes):
            return value if is_same_value(parse_value(value, field), value) else _format_json(value)
    bare = (
        value == value.strip()
        and value not in ("", *_WORDS)
        and value.isprintable()
        and value[:1] not in "\"'[{"
        and not _FLOAT.fullmatch(value)
        and value.lower() not in _WORDS
        and (value in KEYWORDS or not _is_like_list(value))
    )
    return value if bare else _format_json(value)


def _is_like_list(value: str) -> bool:
    return all(_PLAIN.fullmatch(part.strip()) or not part.strip() for part in value.split(","))


def _format_list(value: list[Any]) -> str:
    if all(type(item) is int and item >= 0 for item in value):
        text = _format_runs(value)
        return text if "," in text or "-" in text else f"[{text}]"
    if all(isinstance(i, str) and _PLAIN.fullmatch(i) and i not in KEYWORDS for i in value):
        text = ", ".join(value)
        return text if _parse_scalar(text) == text or len(value) > 1 else _format_json(value)
    return _format_json(value)


def _format_runs(value: list[int]) -> str:
    """Runs of three and more as `0-15`."""
    runs: list[list[int]] = []
    for item in value:
        if runs and item == runs[-1][-1] + 1:
            runs[-1].append(item)
        else:
            runs.append([item])
    parts = []
    for run in runs:
        parts += [f"{run[0]}-{run[-1]}"] if len(run) > 2 else list(map(str, run))
    return ", ".join(parts)


def parse_value(text: str, field: Field) -> Any:
    """The value that the text stands for in this field: ABSENT for nothing, Unfinished for what is
    not complete yet. A text that fits none of the field's types is given as a string.
    """
    text = text.strip()
    if not text:
        return ABSENT
    if text in field.choices:
        return text
    if text[0] in "[{\"'":
        return _parse_brackets(text)
    takes = get_value_types(field)
    lists = [kind for kind in takes if kind.startswith(("list", "bare"))]
    if any("int" in kind for kind in lists):
        numbers = _parse_numbers(text, single="int" not in takes)
        if numbers is not None:
            return numbers
    if any("str" in kind for kind in lists) and text.lower() not in ("null", "none"):
        return _parse_names(text, "str" in takes)
    if any(kind.startswith(("dict", "config")) for kind in takes) and ":" in text:
        mapping = _parse_mapping(text)
        return (
            mapping if mapping is not None else IncompleteValue("a mapping is `name: value, ...`")
        )
    return (
        _parse_scalar(text) if takes - {"str", "null"} or text.lower() in ("null", "none") else text
    )


def _parse_brackets(text: str) -> Any:
    """JSON, or a string in single quotes."""
    if text[0] == "'":
        is_closed = len(text) > 1 and text[-1] == "'"
        return text[1:-1] if is_closed else IncompleteValue("the closing ' is missing")
    try:
        return json.loads(text)
    except ValueError:
        closing = {"[": "]", "{": "}", '"': '"'}[text[0]]
        if text[0] != '"' and text[-1:] == closing:
            return _parse_yaml(text)
        missing = text[-1:] != closing or len(text) == 1
        return IncompleteValue(
            f"the closing {closing} is missing" if missing else "this is no JSON"
        )


def _parse_yaml(text: str) -> Any:
    """Brackets with bare words inside, as YAML has them."""
    import yaml

    try:
        parsed = yaml.safe_load(text)
        json.dumps(parsed)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError):
        return IncompleteValue("this is neither JSON nor YAML")
    return parsed


def _parse_numbers(text: str, single: bool) -> list[int] | None:
    """`0-15, 20` as a list; None for anything else, and for a lone number unless `single`."""
    numbers: list[int] = []
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        run = _RANGE.fullmatch(part)
        if run and 0 <= int(run[2]) - int(run[1]) < LONGEST_RANGE:
            numbers += range(int(run[1]), int(run[2]) + 1)
        elif _INT.fullmatch(part) and "+" not in part:
            numbers.append(int(part))
        elif part:
            return None
    lone = len(parts) == 1 and _INT.fullmatch(parts[0])
    return None if not numbers or (lone and not single) else numbers


def _parse_names(text: str, takes_string: bool) -> Any:
    if text in KEYWORDS and takes_string:
        return text
    parts = [part.strip() for part in text.split(",")]
    names = [part for part in parts if part]
    if names and all(_PLAIN.fullmatch(name) for name in names):
        return names
    if takes_string:
        return text
    return names  # a field without strings: entries are names of any kind


def _parse_mapping(text: str) -> dict[str, Value] | None:
    mapping: dict[str, Any] = {}
    for part in _split_at_commas(text):
        key, sign, value = part.rpartition(":")
        key = key.strip()
        if not sign or not key or not value.strip():
            return None
        inner = value.strip()
        word = _parse_brackets(inner) if inner[0] in "[{\"'" else _parse_scalar(inner)
        if isinstance(word, IncompleteValue):
            return None
        mapping[key] = word
    return mapping or None


def _split_at_commas(text: str) -> list[str]:
    """The parts between commas that stand in no brackets and no quotes."""
    parts, depth, quote, skip = [""], 0, "", False
    for char in text:
        if skip or (quote and char == "\\"):
            skip = not skip
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        else:
            depth += (char in "[{(") - (char in "]})")
            if char == "," and depth <= 0:
                parts.append("")
                continue
        parts[-1] += char
    return [part for part in parts if part.strip()]


def _parse_scalar(text: str) -> Value:
    """A number, a truth value, null, else the text."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
