"""YAML documents as PyYAML reads them.

Values are those of `yaml.safe_load` (YAML 1.1: `1e-4` is a string, `yes` is true), one root for
each document of the stream. A tag that only the file's own tool knows (`!include`, `!ENV`) gives
an `Unknown`; tags that ask for Python objects are refused and nothing of them is constructed.
Problem: "duplicate-key" (PyYAML keeps the last one in silence).
"""

from __future__ import annotations

import yaml

from loracheck.documents.model import DocumentError
from loracheck.documents.source import require_content
from loracheck.documents.tree_document import TreeDocument
from loracheck.documents.values import (
    MAX_VALUES,
    ExcessError,
    mark_unknown_values,
    may_hold_unknowns,
    measure,
)
from loracheck.type_checking import TYPE_CHECKING

from .loader import Loader, refuse_deep, refuse_tabs
from .spans import find_excess_place, locate
from .syntax_errors import explain_control_character, explain_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from loracheck.documents.values import Value


def parse_with_pyyaml(path: str, text: str) -> TreeDocument:
    """The document of a YAML text. Raises DocumentError with the place of the fault."""
    require_content(text)
    has_problems = False
    try:
        refuse_deep(text)
        loader = Loader(text)
        try:
            roots = list(_iterate_documents(loader))
            has_problems = loader.has_problems
            refuse_tabs(text)
        finally:
            loader.dispose()
    except yaml.reader.ReaderError as error:
        raise explain_control_character(text, error) from error
    except yaml.MarkedYAMLError as error:
        raise explain_error(text, error) from error
    return TreeDocument(
        path, text, "yaml", _replace_interpolations(text, roots), locate, has_problems
    )


def _iterate_documents(loader: Loader) -> Iterator[Value]:
    more: Callable[[], bool] = loader.check_data
    following: Callable[[], Any] = loader.get_data
    while more():
        yield following()


def _replace_interpolations(text: str, roots: list[Value]) -> list[Value]:
    if "*" in text or len(text) > MAX_VALUES:
        try:
            measure(roots)
        except ExcessError as error:
            raise DocumentError(error.reason, find_excess_place(text)) from None
    return [mark_unknown_values(root) for root in roots] if may_hold_unknowns(text) else roots
