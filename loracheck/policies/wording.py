"""What a violation says: the value, and what the policy allows, in plain English."""

from __future__ import annotations

import json

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .model import Between

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from jsonschema.exceptions import ValidationError

MAX_VALUE = 80
"""Characters of a value that is quoted."""
MAX_LISTED = 6
"""Values of a list that are named one by one."""

SUBJECTS: dict[tuple[str | int, ...], str] = {
    (): "the setting",
    ("effect",): "what LoRA does to the model",
    ("engines",): "what the engines make of it",
    ("fields",): "the setting",
    ("config",): "the setting",
    ("model",): "the base model",
    ("dialect",): "the tool",
    ("quantization",): "the quantisation",
    ("effect", "targeted"): "the number of modules that LoRA wraps",
    ("effect", "modules"): "the wrapped modules",
    ("effect", "saved"): "what trains in full",
    ("effect", "ranks"): "the ranks",
    ("effect", "reach"): "the share of the linear layers that LoRA reaches",
    ("effect", "trainable"): "the number of trainable parameters",
    ("effect", "share"): "the share of the parameters that train",
    ("effect", "adapter_bytes"): "the size of the adapter",
}
"""Path in the normal form of a setting -> how a sentence calls it."""


def describe_value(value: Any) -> str:
    """A value in a sentence: as JSON, cut where it is long."""
    if isinstance(value, Unknown):
        return "not known before run time"
    if isinstance(value, Between):
        return f"from {describe_value(value.low)} to {describe_value(value.high)}"
    if type(value) is int:
        return f"{value:,}" if abs(value) < 10**20 else "a number of more than 20 digits"
    if isinstance(value, float):
        return f"{value:.4g}"
    text = json.dumps(value, ensure_ascii=False, default=lambda part: f"<{describe_value(part)}>")
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}..."


def name_subject(path: tuple[str | int, ...]) -> str:
    """How a sentence calls the value at a path of the normal form."""
    if path in SUBJECTS:
        return SUBJECTS[path]
    if path[:1] == ("engines",) and len(path) > 1:
        return f"the verdict of {path[1]}"
    inside = path[:1] in (("fields",), ("config",)) and len(path) > 1
    name, *rest = path[1:] if inside else path
    inner = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest)
    return f"`{name}`" if not inner else f"`{name}`{inner}"


def describe(error: ValidationError, path: tuple[str | int, ...]) -> tuple[str, str | None]:
    """What is wrong, and what would be right where that can be said in a few words."""
    subject, value = name_subject(path), describe_value(error.instance)
    if path and isinstance(path[-1], int) and isinstance(error.instance, str):
        if error.validator in ("not", "enum", "const", None):
            item, owner = value.strip('"'), name_subject(path[:-1])
            help_ = (
                f"allowed: {_join_values(error.validator_value)}"
                if error.validator == "enum"
                else None
            )
            return f"the policy does not allow `{item}` in {owner}", help_
        subject = f"an entry of {name_subject(path[:-1])}"
    if path == ("effect", "adapter_bytes"):
        value += " bytes"
    keyword = error.validator if isinstance(error.validator, str) else ""
    if vars(error).keys() & {"forbids_key", "names_key"}:
        allowed = "names_key" in vars(error) and keyword == "enum"
        help_ = f"allowed: {_join_values(error.validator_value)}" if allowed else None
        return f"the policy does not allow {subject} to be set", help_
    if keyword in _PHRASES:
        text, help_ = _PHRASES[keyword](error.validator_value, value)
        return f"{subject} {text}", help_
    if path in SUBJECTS and isinstance(error.instance, dict):  # too long to be quoted
        return f"{subject} {_WHOLE.get(keyword, 'is not as the policy wants it')}", None
    return f"{subject} is {value}, which the policy does not allow", None


def _join_values(values: Any) -> str:
    listing = ", ".join(map(describe_value, values[:MAX_LISTED]))
    more = len(values) - MAX_LISTED
    return f"{listing} and {more} more" if more > 0 else listing


def _describe_type_error(expected: Any, value: str) -> tuple[str, None]:
    kinds = [expected] if isinstance(expected, str) else expected
    return f"is {value}, and the policy wants it to be of type {' or '.join(kinds)}", None


_WHOLE = {
    "anyOf": "meets none of the policy's alternatives",
    "oneOf": "does not meet exactly one of the policy's alternatives",
    "not": "is what the policy does not allow",
}
"""Keyword -> what is said of a whole part of a setting."""

_PHRASES: dict[str, Callable[[Any, str], tuple[str, str | None]]] = {
    "maximum": lambda most, value: (
        f"is {value}, and the policy allows at most {describe_value(most)}",
        None,
    ),
    "minimum": lambda least, value: (
        f"is {value}, and the policy wants at least {describe_value(least)}",
        None,
    ),
    "exclusiveMaximum": lambda most, value: (
        f"is {value}, and the policy wants less than {describe_value(most)}",
        None,
    ),
    "exclusiveMinimum": lambda least, value: (
        f"is {value}, and the policy wants more than {describe_value(least)}",
        None,
    ),
    "multipleOf": lambda step, value: (
        f"is {value}, and the policy wants a multiple of {describe_value(step)}",
        None,
    ),
    "enum": lambda allowed, value: (
        f"is {value}, which the policy does not allow",
        f"allowed: {_join_values(allowed)}",
    ),
    "const": lambda wanted, value: (
        f"is {value}, and the policy wants {describe_value(wanted)}",
        None,
    ),
    "type": _describe_type_error,
    "required": lambda name, value: (f"does not set `{name}`, which the policy wants", None),
    "pattern": lambda pattern, value: (
        f"is {value}, which does not match the policy's {describe_value(pattern)}",
        None,
    ),
    "contains": lambda inner, value: (f"is {value}, which lacks what the policy wants in it", None),
    "maxContains": lambda most, value: (
        f"is {value}, which holds more of one kind than the {most} that the policy allows",
        None,
    ),
    "minItems": lambda least, value: (
        f"is {value}, and the policy wants at least {least} of them",
        None,
    ),
    "maxItems": lambda most, value: (
        f"is {value}, and the policy allows at most {most} of them",
        None,
    ),
    "uniqueItems": lambda wanted, value: (f"is {value}, and the policy wants each once", None),
}
"""Keyword -> what is said of its value in the policy and of the value that violates it."""
