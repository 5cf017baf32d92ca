"""`analyse`: what is known of one text of the editor."""

from __future__ import annotations

import os

from loracheck.documents.model import DocumentError, Span
from loracheck.findings import Finding
from loracheck.named_tuple import NamedTuple
from loracheck.pipeline import build_contexts, build_unreadable_result, find_problems
from loracheck.tools.core.lora_keywords import seems_to_set_lora
from loracheck.type_checking import TYPE_CHECKING

from .half_typed import read_typed

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import RuleContext


class Analysis(NamedTuple):
    """What came of a text."""

    path: str
    """The file's path."""

    text: str
    """The text as it was typed."""

    findings: tuple[Finding, ...] = ()
    """What is to be said of it."""

    document: Document | None = None
    """Its document; None where it cannot be read. Its places are those of the text, but in the line
    that is being typed.
    """

    contexts: tuple[RuleContext, ...] = ()
    """Its LoRA settings, each with its model."""

    readable: bool = True
    """Whether the text could be read as it is."""


def analyse(path: str, text: str, settings: LintSettings, at: int | None = None) -> Analysis:
    """Judge a text. `at` is the cursor's offset while somebody types: an unfinished line then does
    not hide what is to be said of the others.
    """
    read = read_typed(path, text, at)
    if isinstance(read, DocumentError):
        return Analysis(path, text, _report_unreadable(path, text, read), readable=False)
    on_disk = os.path.exists(path)
    contexts = build_contexts(read.document, settings, on_disk=on_disk)
    findings = find_problems(read.document, contexts, settings, path)
    if read.error is not None:
        others = tuple(
            f for f in findings if not f.span.line <= (read.line or 0) <= f.span.end_line
        )
        findings = (*_report_unreadable(path, text, read.error), *others)
    return Analysis(
        path, text, findings, read.document, tuple(contexts), readable=read.error is None
    )


def _report_unreadable(path: str, text: str, error: DocumentError) -> tuple[Finding, ...]:
    """The finding that a text cannot be read; none for one that does not speak of LoRA."""
    if not seems_to_set_lora(text.encode("utf-8", "replace")):
        return ()
    unreadable_result = build_unreadable_result(
        path, error.reason, error.span or Span(1, 1, 1, 1), path
    )
    return unreadable_result.findings
