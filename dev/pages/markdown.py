"""Markdown pieces that the pages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

GENERATED_NOTE = "<!-- Made by `make docs-pages` (python -m dev.pages); do not edit. -->"


def escape_cell(text: str) -> str:
    """Text for a table's cell: one line, with bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def make_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the cells are escaped."""
    lines = [list(head), ["---"] * len(head), *([escape_cell(c) for c in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def inline_code(value: Any) -> str:
    """A value as inline code, as JSON writes it; text that cannot be shown so is left as it is."""
    import json

    if isinstance(value, str) and "`" in value:
        return value
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def describe_type(type_: str) -> str:
    """A field's type as the facts write it, "list[str]|null", in words."""
    return " or ".join(f"`{part}`" for part in type_.split("|")) if type_ else ""


def first_sentence(text: str) -> str:
    """The text up to its first full stop."""
    return text.partition(". ")[0].rstrip(".") + "." if text else ""


def join_blocks(*blocks: str) -> str:
    """The whole text of a page."""
    return "\n\n".join([*(block.strip("\n") for block in blocks if block), GENERATED_NOTE]) + "\n"
