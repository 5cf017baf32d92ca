"""TOML as people write it: plain keys first, then a section for each block, comments above keys."""

from __future__ import annotations

import json

from loracheck.type_checking import TYPE_CHECKING

from .yaml_text import format_comment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loracheck.documents.values import Value


def format_toml(values: Mapping[str, Value], reasons: Mapping[str, str], head: str | None) -> str:
    """The whole file; `values` are at most one block deep. `reasons` maps keys, dotted for inner
    ones, to comments.
    """
    lines = list(format_comment(head or "", ""))
    if lines:
        lines.append("")
    lines += _format_keys(values, reasons, "")
    for name, block in values.items():
        if isinstance(block, dict):
            lines += ["", f"[{name}]", *_format_keys(block, reasons, f"{name}.")]
    return "\n".join(lines) + "\n"


def _format_keys(
    values: Mapping[str, Value], reasons: Mapping[str, str], path: str
) -> Iterator[str]:
    for key, value in values.items():
        if not isinstance(value, dict):
            yield from format_comment(reasons.get(f"{path}{key}", ""), "")
            yield f"{key} = {_format_value(value)}"


def _format_value(value: Value) -> str:
    """Strings, numbers, booleans and lists of them are JSON's in TOML, too, but for characters that
    JSON writes as a pair of surrogates.
    """
    return json.dumps(value, ensure_ascii=False)
