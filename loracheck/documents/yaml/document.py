"""YAML documents: plain ones are read here (`plain.py`), all others by PyYAML
(`full_document.py`), which costs several times as much and gives the same.
"""

from __future__ import annotations

from functools import partial

from loracheck.documents.source import require_content
from loracheck.documents.tree_document import TreeDocument
from loracheck.documents.values import mark_unknown_values, may_hold_unknowns
from loracheck.type_checking import TYPE_CHECKING

from .plain import build_positions, read_plain
from .plain_values import NotPlainError

if TYPE_CHECKING:
    from loracheck.documents.values import Value


def parse(path: str, text: str) -> TreeDocument:
    """The document of a YAML text. Raises DocumentError with the place of the fault."""
    require_content(text)
    try:
        value, place = read_plain(text)
    except NotPlainError:
        from .full_document import parse_with_pyyaml

        return parse_with_pyyaml(path, text)
    roots: list[Value] = [mark_unknown_values(value) if may_hold_unknowns(text) else value]
    return TreeDocument(path, text, "yaml", roots, partial(build_positions, place))
