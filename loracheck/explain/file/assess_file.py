"""From a file to the Effect of each of its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.documents import read
from loracheck.pipeline import build_contexts, find_problems

from .impact import Impact, assess_setting

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.options.lint_settings import LintSettings

UNUSED = frozenset({"LC004"})
"""Asks for the findings of a whole file: a comment may stand for another setting."""


def assess_file(path: str, job: LintSettings) -> list[Impact]:
    """Every setting of a file, in the order of the text. Raises DocumentError, OSError."""
    return assess_document(read(path), job)


def assess_document(document: Document, job: LintSettings) -> list[Impact]:
    """As `effects`, of a document that is read already."""
    found = build_contexts(document, job, on_disk=True)
    own = job._replace(codes=job.codes - UNUSED) if len(found) > 1 else job
    return [
        assess_setting(context, find_problems(document, [context], own, document.path), job.serve)
        for context in found
    ]
