"""The calls whose arguments are the roots of a Python document."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.documents.python.document import Call


def get_calls(document: Document) -> list[Call]:
    """The call of each root, in their order; none for a document that is not Python."""
    return getattr(document, "calls", [])
