"""The calls that a document's roots are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loracheck.documents.model import Document


def get_calls(document: Document) -> list[Any]:
    """What each root is a call of; nothing for a document of no Python."""
    return getattr(document, "calls", [])
