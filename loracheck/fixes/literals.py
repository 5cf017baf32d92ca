"""Values and keys as text in JSON, YAML, TOML and Python, quoted as the text that they replace."""

from __future__ import annotations

import json
import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from loracheck.documents.values import Value

_PLAIN = compile_when_used(r"[A-Za-z_][\w./-]*(?: [\w./-]+)*")
_NAME = compile_when_used(r"[A-Za-z_]\w*")
_BARE = compile_when_used(r"[A-Za-z0-9_-]+")
_MEMBER = compile_when_used(r"((?:[A-Za-z_]\w*\.)+)[A-Za-z_]\w*")
_EXPONENT = compile_when_used(r"(-?\d+)e")


def write_value(value: Value, format: str, like: str) -> str | None:
    """The value as text; `like` is the text that it takes the place of. None where the format
    cannot hold it or what stands there is no plain value.
    """
    speller = _WRITERS.get(format)
    return speller(value, like) if speller else None


def write_key(name: str, format: str, like: str) -> str | None:
    """A key as text, quoted as the one before."""
    if format == "python" and _NAME.fullmatch(like):
        return name if _NAME.fullmatch(name) else None
    if format == "toml" and _BARE.fullmatch(like):
        return name if _BARE.fullmatch(name) else None
    return write_value(name, format, like)


def _write_json(value: Value, like: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write_toml(value: Value, like: str) -> str | None:
    if value is None or (isinstance(value, list) and None in value):
        return None
    if isinstance(value, str) and like[:1] == "'" and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def _write_python(value: Value, like: str) -> str | None:
    member = _MEMBER.fullmatch(like)
    if member:
        if isinstance(value, str) and _NAME.fullmatch(value) and "TaskType." in like:
            return member[1] + value
        return None
    if not _is_literal(like):
        return None
    if isinstance(value, str):
        return _write_python_string(value, like)
    if isinstance(value, list):
        items = [_write_python_string(v, like) if isinstance(v, str) else repr(v) for v in value]
        return f"[{', '.join(items)}]"
    return repr(value)


def _is_literal(source: str) -> bool:
    import ast  # for few fixes

    try:
        ast.literal_eval(source)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _write_python_string(value: str, like: str) -> str:
    """In the quotes that the old text uses, double ones where it has none; raw where it helps."""
    match = re.search(r"[\"']", like)
    quote = match[0] if match else '"'
    if "\\" in value and quote not in value and not value.endswith("\\") and value.isprintable():
        return f"r{quote}{value}{quote}"
    text = repr(value)
    if text[0] == quote or quote in value:
        return text
    return quote + text[1:-1].replace(f"\\{text[0]}", text[0]) + quote


def _write_yaml(value: Value, like: str) -> str | None:
    if like.startswith("*"):
        return None
    if isinstance(value, list):
        items = [_write_yaml(item, _find_first_quote(like)) for item in value]
        return None if None in items else f"[{', '.join(map(str, items))}]"
    if isinstance(value, str):
        return _write_yaml_string(value, _find_first_quote(like) or like)
    if isinstance(value, float):
        # YAML 1.1 takes 1e-05 for a string: a float needs its point.
        return _EXPONENT.sub(r"\1.0e", repr(value))
    return json.dumps(value)


def _find_first_quote(like: str) -> str:
    """The quote of the first entry of a list, if it has one."""
    match = re.match(r"(?:\[|-\s)\s*([\"'])", like)
    return match[1] if match else ""


def _write_yaml_string(value: str, like: str) -> str | None:
    import yaml

    if like[:1] == '"' or not value.isprintable():
        return json.dumps(value, ensure_ascii=False)
    if like[:1] != "'" and _PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    return "'" + value.replace("'", "''") + "'"


_WRITERS: dict[str, Callable[[Any, str], str | None]] = {
    "json": _write_json,
    "toml": _write_toml,
    "python": _write_python,
    "yaml": _write_yaml,
}
