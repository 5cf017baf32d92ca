"""The part of a JSON Schema that says what one key of a tool's file may hold.

An editor shows its texts: `errorMessage` and `patternErrorMessage` are no words of JSON Schema, but
yaml-language-server and vscode-json-languageservice print them in the place of their own.
"""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.config.validators import get_field_limits
from loracheck.type_checking import TYPE_CHECKING

from .conversion import TRUTH_WORDS

if TYPE_CHECKING:
    from typing import Any

    from loracheck.config.field_table import Field

    from .key import Key

_WORDS = {"bool": "boolean", "int": "integer", "str": "string", "config": "object"}
_PLAIN = frozenset({*_WORDS.values(), "number", "null"})
_FILLED = r"\$\{"
"""What is filled in before the tool reads it: `${model.name}` by OmegaConf, `${LORA_R}` by a shell.
"""
_BARE_TRUTH = r"^(?:[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$"
"""Truth values of YAML 1.1, which PyYAML reads as such and an editor as strings."""
_QUOTED = {
    "integer": r"^\s*[-+]?\d+(?:_\d+)*(?:\.0*)?\s*$",
    "number": r"^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$",
}
_NAMES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "a string",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_LIMITS = {
    "min": "minimum",
    "max": "maximum",
    "above": "exclusiveMinimum",
    "below": "exclusiveMaximum",
}
_BOUNDS = {
    "minimum": "of at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "up to {}",
    "exclusiveMaximum": "below {}",
}


def make_value_schema(key: Key, lenient: bool) -> dict[str, Any]:
    """What the key may hold, with the sentence that an editor shows where it holds another thing.

    `lenient` is `Tool.lenient`: a number or truth value in quotes is converted.
    """
    field = get_lora_fields()[key.field] if key.field else None
    kinds, items = _read_types(key.type or (field.type if field is not None else "str"))
    limits = _find_limits(field, key) if field is not None else {}
    schema: dict[str, Any] = {"type": list(dict.fromkeys([*kinds, "string", "null"]))}
    schema["errorMessage"] = f"`{key.name}` takes {_join([*kinds, 'null'], limits)}."
    if items:
        message = f"Each entry of `{key.name}` is {_NAMES[items['type']]}."
        schema["items"] = {**items, "errorMessage": message}
    schema.update(limits)
    if field is not None and field.name == "bias" and key.type is None:
        words = [str(word) for word in field.choices]
        schema["pattern"] = f"^(?:{'|'.join(words)})$|{_FILLED}"
        schema["examples"] = words
        listing = ", ".join(f"`{word}`" for word in words[:-1])
        schema["errorMessage"] = f"`{key.name}` takes {listing} or `{words[-1]}`."
    elif "string" not in kinds:
        schema["pattern"] = _build_pattern(kinds, limits, lenient)
    return schema


def _build_pattern(kinds: list[str], limits: dict[str, Any], lenient: bool) -> str:
    """The strings that stand for a value of these kinds."""
    parts = [_FILLED]
    if "boolean" in kinds:
        parts.append(_BARE_TRUTH)
    if lenient and "boolean" in kinds:
        letters = "|".join("".join(map(_allow_either_case, word)) for word in TRUTH_WORDS)
        parts.append(rf"^\s*(?:{letters})\s*$")
    for kind in ("integer", "number"):
        if lenient and kind in kinds:
            pattern = _QUOTED[kind]
            if limits.get("minimum", limits.get("exclusiveMinimum", -1)) >= 0:
                pattern = pattern.replace("[-+]?", r"\+?", 1)
            if kind == "integer" and limits.get("minimum", 0) == 1:
                pattern = pattern.replace(r"\d+", r"0*[1-9]\d*", 1)
            parts.append(pattern)
    return "|".join(parts)


def _allow_either_case(letter: str) -> str:
    return f"[{letter}{letter.upper()}]" if letter.isalpha() else letter


def _join(kinds: list[str], limits: dict[str, Any]) -> str:
    """The kinds in words: "a whole number of at least 1, or nothing"."""
    bounds = [text.format(limits[name]) for name, text in _BOUNDS.items() if name in limits]
    number = " and ".join(bounds)
    names = [
        f"{_NAMES[kind]} {number}".rstrip() if kind in ("integer", "number") else _NAMES[kind]
        for kind in dict.fromkeys(kinds)
    ]
    head = ", ".join(names[:-1])
    return f"{head}, or {names[-1]}" if head else names[-1]


def _find_limits(field: Field, key: Key) -> dict[str, Any]:
    """The field's own bounds where the tool hands the number on as it is; where a rank of 0 is the
    default, it means no LoRA.
    """
    if key.type is not None or (key.default == 0 and field.name == "r"):
        return {}
    return {_LIMITS[name]: bound for name, bound in get_field_limits(field).items()}


def _read_types(types: str) -> tuple[list[str], dict[str, Any]]:
    """JSON's names of the types (in the words of `Field.type`), and what a list holds."""
    kinds: list[str] = []
    items: dict[str, Any] = {}
    for word in _split(types):
        head, _, inner = word.partition("[")
        kind = _WORDS.get(head, head)
        if head in ("list", "bare"):
            kind = "array"
            member = _WORDS.get(inner[:-1], inner[:-1])
            items = {"type": member} if member in _PLAIN else {}
        elif head == "dict":
            kind = "object"
        if kind != "null":
            kinds.append(kind)
    return kinds, items


def _split(types: str) -> list[str]:
    """The alternatives of a type, not split inside brackets."""
    parts = [""]
    depth = 0
    for char in types:
        depth += (char == "[") - (char == "]")
        if char == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts
