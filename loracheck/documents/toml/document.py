"""TOML documents, one root each. Values are those of `tomllib` (Python's own reader since 3.11).

TOML refuses a key that stands twice, so there are no problems to name.
"""

from __future__ import annotations

import re

from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError, Span
from loracheck.documents.source import require_content
from loracheck.documents.tree_document import TreeDocument
from loracheck.documents.values import ExcessError, mark_unknown_values, may_hold_unknowns, measure
from loracheck.type_checking import TYPE_CHECKING

from .loads import loads
from .spans import locate

if TYPE_CHECKING:
    from typing import Any

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def parse(path: str, text: str) -> TreeDocument:
    """The document of a TOML text. Raises DocumentError with the place of the fault."""
    require_content(text)
    try:
        value: dict[str, Any] = loads(text)
        measure(value)
    except RecursionError:
        raise DocumentError("nested too deep to be read as TOML") from None
    except ExcessError as error:
        raise DocumentError(error.reason) from None
    except ValueError as error:
        raise _build_document_error(text, error) from None
    if may_hold_unknowns(text):
        value = mark_unknown_values(value)
    return TreeDocument(path, text, "toml", [value], locate)


def _build_document_error(text: str, error: ValueError) -> DocumentError:
    message = str(error)
    match = _PLACE.search(message)
    lines = Lines(text)
    if match is None:
        return DocumentError(f"not valid TOML: {message}")
    if match[1] is None:
        span = lines.at(len(text))
    else:
        line = min(int(match[1]), len(lines.starts))
        column = min(int(match[2]), len(lines.line(line)) + 1)
        span = Span(*lines.at(lines.offset(line, column)))
    reason = message[: match.start()]
    return DocumentError(f"not valid TOML: {reason[:1].lower()}{reason[1:]}", span)
