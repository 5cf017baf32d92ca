"""What is to be written, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.config.field_table import fields
from loracheck.documents.model import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


class WriteRequest(NamedTuple):
    """A config. `values` are LoraConfig fields, `model` the base model's id or path, `cls` its
    class in transformers (None: AutoModelForCausalLM). `quantization` is "4bit", "8bit" or None.
    `reasons` are comments by field, for formats that have comments; `head` is one for the top.
    """

    values: Mapping[str, Any]
    model: str | None = None
    cls: str | None = None
    quantization: str | None = None
    reasons: Mapping[str, str] = {}  # never changed
    head: str | None = None


def split_unknown(request: WriteRequest) -> tuple[WriteRequest, tuple[str, ...]]:
    """The request with values as text can hold them, and the fields whose value is not known."""
    lost = tuple(name for name, value in request.values.items() if _is_unknown(value))
    values = {name: _to_lists(v) for name, v in request.values.items() if name not in lost}
    return request._replace(values=values), tuple(name for name in lost if name in fields())


def _is_unknown(value: Any) -> bool:
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(map(_is_unknown, value))
    if isinstance(value, dict):
        return any(map(_is_unknown, value.values()))
    return isinstance(value, Unknown)


def _to_lists(value: Any) -> Any:
    """Sets and tuples as lists."""
    if isinstance(value, (set, frozenset)):
        return sorted(map(_to_lists, value), key=str)
    if isinstance(value, (list, tuple)):
        return list(map(_to_lists, value))
    return (
        {key: _to_lists(item) for key, item in value.items()} if isinstance(value, dict) else value
    )


class WriteResult(NamedTuple):
    """The text, and the fields that the tool has no key for."""

    text: str
    left_out: tuple[str, ...] = ()


ALWAYS_WRITTEN = ("r", "lora_alpha", "lora_dropout", "target_modules")
"""Written even where they are the default: a reader looks for them."""

NEVER_WRITTEN = frozenset({"peft_type", "base_model_name_or_path", "auto_mapping", "peft_version"})
"""Written by the formats themselves, or by PEFT when it saves."""


def select_fields(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The fields to write: the four that every config has, then what differs from the tool's
    default (PEFT's, where the tool passes none).
    """
    every = fields()
    found: dict[str, Any] = {}
    for name in (*ALWAYS_WRITTEN, *every):
        if name in found or name in NEVER_WRITTEN:
            continue
        default = defaults.get(name, every[name].default)
        value = values.get(name, every[name].default)
        if value != default or (name in ALWAYS_WRITTEN and name in values):
            found[name] = value
    return found
