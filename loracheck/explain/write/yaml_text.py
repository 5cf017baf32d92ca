"""YAML as people write it: plain scalars, short lists in one line, comments above the keys."""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from loracheck.documents.values import Value

WIDTH = 88
_PLAIN = compile_when_used(r"[A-Za-z_][\w./-]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
"""Plain words that YAML 1.1 does not take for strings."""


def format_document(
    values: Mapping[str, Value], reasons: Mapping[str, str], head: str | None
) -> str:
    """The whole file. `reasons` maps keys, dotted for inner ones ("peft.lora_r"), to comments."""
    lines = list(format_comment(head or "", ""))
    if lines:
        lines.append("")
    lines += format_block(values, reasons, "", "")
    return "\n".join(lines) + "\n"


def format_block(
    values: Mapping[str, Any], reasons: Mapping[str, str], indent: str, path: str
) -> Iterator[str]:
    """The lines of a mapping."""
    for key, value in values.items():
        yield from format_comment(reasons.get(f"{path}{key}", ""), indent)
        if isinstance(value, dict) and value:
            yield f"{indent}{format_scalar(key)}:"
            yield from format_block(value, reasons, f"{indent}  ", f"{path}{key}.")
        elif isinstance(value, list) and value and all(map(_is_filled_mapping, value)):
            yield f"{indent}{format_scalar(key)}:"
            for item in value:
                yield from _format_item(item, reasons, f"{indent}    ", f"{path}{key}.")
        else:
            yield from _format_entry(f"{indent}{format_scalar(key)}:", value, indent)


def _is_filled_mapping(value: Value) -> bool:
    return isinstance(value, dict) and bool(value)


def _format_item(
    value: Mapping[str, Value], reasons: Mapping[str, str], indent: str, path: str
) -> Iterator[str]:
    """A mapping in a list: its mark stands before the first key, above a comment alone."""
    first, *others = format_block(value, reasons, indent, path)
    mark = f"{indent[:-2]}-"
    yield from [mark, first] if first.lstrip().startswith("#") else [f"{mark} {first.lstrip()}"]
    yield from others


def _format_entry(lead: str, value: Value, indent: str) -> Iterator[str]:
    """A key with a list or a scalar; a list too long for its line stands below."""
    line = f"{lead} {format_inline(value)}"
    if isinstance(value, (list, tuple)) and len(line) > WIDTH:
        yield lead
        yield from (f"{indent}  - {format_inline(item)}" for item in value)
    else:
        yield line


def format_comment(text: str, indent: str, mark: str = "# ") -> Iterator[str]:
    """The text as comment lines."""
    line = ""
    for word in text.split():
        if line and len(indent) + len(mark) + len(line) + len(word) + 1 > WIDTH:
            yield f"{indent}{mark}{line}"
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        yield f"{indent}{mark}{line}"


def format_inline(value: Value) -> str:
    """A value in one line."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(format_inline, value))}]"
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{format_scalar(k)}: {format_inline(v)}" for k, v in value.items())
            + "}"
        )
    return format_scalar(value)


def format_scalar(value: Value) -> str:
    """A scalar that yaml.safe_load reads as the same value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _format_number(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    import json

    return json.dumps(text)


def _format_number(value: float) -> str:
    """YAML 1.1 wants a dot before an exponent, and has its own words for what is no number."""
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    whole, mark, power = text.partition("e")
    if not mark:
        return text
    sign = power if power[0] in "+-" else f"+{power}"
    return f"{whole}{'' if '.' in whole else '.0'}e{sign}"
