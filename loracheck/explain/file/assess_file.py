"""The impact of each setting of a file."""

from __future__ import annotations

from loracheck.documents import read
from loracheck.pipeline import build_contexts, find_problems
from loracheck.type_checking import TYPE_CHECKING

from .assess_setting import assess_setting
from .impact import Impact

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.options.lint_settings import LintSettings

UNUSED = frozenset({"LC004"})
"""Asks for the findings of a whole file: a comment may stand for another setting."""


def assess_file(path: str, lint_settings: LintSettings) -> list[Impact]:
    """Every setting of a file, in the order of the text. Raises DocumentError, OSError."""
    return assess_document(read(path), lint_settings)


def assess_document(
    document: Document, lint_settings: LintSettings, *, on_disk: bool = True
) -> list[Impact]:
    """As `assess_file`, for a document that is read already. `on_disk` False says that it is no
    file's content, so that nothing beside its path is read.
    """
    contexts = build_contexts(document, lint_settings, on_disk=on_disk)
    one_setting = (
        lint_settings._replace(codes=lint_settings.codes - UNUSED)
        if len(contexts) > 1
        else lint_settings
    )
    return [
        assess_setting(
            context,
            find_problems(document, [context], one_setting, document.path),
            lint_settings.serve,
            lint_settings.model,
        )
        for context in contexts
    ]
