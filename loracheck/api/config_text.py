"""The text of a `LoraConfig(...)` call, from an object of PEFT's or from its keywords.

What is said of a config needs a text to point at; of an object in memory it is the call that would
make it again. What cannot be written down is a bare name, and so a value that is not known.
"""

from __future__ import annotations

import math
import os
from enum import Enum

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from loracheck.documents.values import Value

MAX_DEPTH = 40
"""Deepest nesting of values that is written; deeper ones contain themselves, most likely."""

OF_PEFT = frozenset({"peft_type", "peft_version", "auto_mapping", "runtime_config"})
"""Fields that PEFT fills in by itself (PEFT 0.21.2 config.py, tuners/lora/config.py)."""

CALL = "LoraConfig"


def write_object(config: Any) -> str:
    """The call that makes a config object of PEFT's again, with what differs from the defaults."""
    return _call(CALL, dict(_find_changed_fields(config, OF_PEFT)), 0)


def write_keywords(keywords: Mapping[Any, Any]) -> str:
    """The call with these keywords. Raises ValueError for a keyword that is no name."""
    for key in keywords:
        if not isinstance(key, str) or not key.isidentifier():
            raise ValueError(f"{key!r:.100} is no keyword of {CALL}")
    return _call(CALL, keywords, 0)


def _find_changed_fields(config: Any, left_out: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """The fields of a dataclass's object that are not as they were declared."""
    for name, field in type(config).__dataclass_fields__.items():
        value = getattr(config, name, None)
        default = field.default
        if callable(field.default_factory):
            default = field.default_factory()
        if name not in left_out and not _is_same(value, default):
            yield name, value


def _is_same(value: Value, default: Value) -> bool:
    return type(value) is type(default) and value == default


def _call(name: str, keywords: Mapping[str, Any], depth: int) -> str:
    arguments = {key: _write(value, depth + 1) for key, value in keywords.items()}
    if depth:
        return f"{name}({', '.join(f'{key}={text}' for key, text in arguments.items())})"
    lines = "".join(f"    {key}={text},\n" for key, text in arguments.items())
    return f"{name}(\n{lines})\n" if lines else f"{name}()\n"


def _write(value: Value, depth: int) -> str:
    """The source text of a value. Raises ValueError for one that is nested without end."""
    if depth > MAX_DEPTH:
        raise ValueError(f"a value of the config is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if value is None or type(value) in (bool, int, str):
        return repr(value)
    if isinstance(value, (str, int)):  # a class of its own that is one
        return repr(str(value) if isinstance(value, str) else int(value))
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else f'float("{float(value)}")'
    return _write_container(value, depth)


def _write_container(value: Value, depth: int) -> str:
    if isinstance(value, dict):
        pairs = (f"{_write(k, depth + 1)}: {_write(v, depth + 1)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (set, frozenset)):
        return "[" + ", ".join(sorted(_write(item, depth + 1) for item in value)) + "]"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_write(item, depth + 1) for item in value) + "]"
    name = type(value).__name__
    if hasattr(type(value), "__dataclass_fields__"):
        return _call(name, dict(_find_changed_fields(value, frozenset())), depth + 1)
    return f"a_{name}" if f"a_{name}".isidentifier() else "a_value"
