"""What is read of the commands in a document, whatever file they stand in."""

from __future__ import annotations

from loracheck.documents.model import Document
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from loracheck.documents.model import Span

    from .word_expansion import Word
else:
    Protocol = object


class Command(NamedTuple):
    """The words of a root's command; `complete` is False where it may have further options."""

    words: list[Word]
    complete: bool


class CommandDocument(Document, Protocol):
    """A document with commands: a shell script, or one that stands in a script or a notebook."""

    commands: list[Command]
    """For each root its words, with their offsets in `script`."""

    @property
    def script(self) -> str:
        """The text that the commands stand in."""

    def script_span(self, start: int, end: int) -> Span:
        """The place in the file of a part of `script`."""


def get_commands(document: Document) -> CommandDocument | None:
    """The document as one with commands; None for another one."""
    return document if getattr(document, "commands", None) else None  # type: ignore[return-value]


def find_command_documents(document: Document) -> Iterator[CommandDocument]:
    """The documents with commands that a file consists of: itself, and those that stand in it
    (here-documents, `bash -c "..."`, cells of a notebook and its lines with `!`). For one cell they
    are those of its whole notebook.
    """
    whole: Document = getattr(document, "notebook", document)
    for one in (whole, *getattr(whole, "embedded", ())):
        script = get_commands(one)
        if script is not None:
            yield script
