"""The offsets and source text of syntax nodes."""

from __future__ import annotations

import ast

from loracheck.documents.tree_document import Place
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.lines import Lines

    from .origin import Origin


def get_node_source(lines: Lines, node: ast.AST) -> str:
    """The text of a node; empty for one that stands for a value which the text does not write."""
    if not hasattr(node, "lineno"):
        return ""
    start, end = compute_node_offsets(lines, node)
    return lines.text[start:end]


def find_places(lines: Lines, origin: Origin) -> Place:
    """The places of a folded value and its entries, which may stand elsewhere than the value that
    holds them.
    """
    start, end = compute_node_offsets(lines, origin.node)
    place = Place(start, end)
    if origin.key is not None:
        place.key_start, place.key_end = compute_node_offsets(lines, origin.key)
        if isinstance(origin.key, ast.keyword) and origin.key.arg is not None:
            place.key_end = place.key_start + len(origin.key.arg)
    if origin.written is not None:
        place.written = compute_node_offsets(lines, origin.written)
    place.children = {step: find_places(lines, child) for step, child in origin.children.items()}
    return place


def compute_node_offsets(lines: Lines, node: Any) -> tuple[int, int]:
    """Start and end of a node, in characters. (`ast` counts columns in bytes of UTF-8.)"""
    return (
        _compute_offset(lines, node.lineno, node.col_offset),
        _compute_offset(lines, node.end_lineno, node.end_col_offset),
    )


def _compute_offset(lines: Lines, number: int, column: int) -> int:
    start = lines.starts[number - 1]
    line = lines.text[start : start + column]
    if not line.isascii():
        line = line.encode("utf-8")[:column].decode("utf-8", "ignore")
    return start + len(line)
