"""`AdaptersContext`: a document that puts several adapters on one model, as the rules on sets of
adapters get it.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.config.joining.adapter import Adapter
    from loracheck.documents.model import Document


class AdaptersContext(NamedTuple):
    """A document, the PEFT release that judges, and a way to read adapter folders beside it."""

    document: Document
    peft: tuple[int, ...]
    """The release's number."""

    read_folder: Callable[[str], Adapter | None]
    """The saved adapter in a folder, as the document names it; None where there is none that can be
    read.
    """
