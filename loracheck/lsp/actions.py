"""Edits that an editor offers: the fixes of findings, and the comment that silences one."""

from __future__ import annotations

from functools import partial

from loracheck.documents import read
from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError, Span
from loracheck.findings import Edit
from loracheck.fixes.apply import apply_edits, apply_fixes
from loracheck.fixes.verify import find_fault, is_same_value
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .analysis import analyse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.findings import Finding
    from loracheck.options.lint_settings import LintSettings

    from .analysis import Analysis

COMMENTED = frozenset({"yaml", "toml", "python"})
"""Formats in which a comment can silence a finding of its line."""


class Action(NamedTuple):
    """An edit that is offered for a finding."""

    title: str
    edits: tuple[Edit, ...]
    finding: Finding
    preferred: bool = False
    """Whether it is right whatever was meant."""


def list_actions(analysis: Analysis, first: int, last: int) -> Iterator[Action]:
    """The edits for the findings in the lines `first` to `last` (from 1), fixes first."""
    if not analysis.readable or analysis.document is None:
        return
    here = [f for f in analysis.findings if f.span.line <= last and f.span.end_line >= first]
    for finding in here:
        fix = finding.fix
        if fix is not None and fix.changes and _is_sound(analysis, finding):
            title = f"{fix.title} ({finding.code})"
            yield Action(title, fix.edits, finding, preferred=fix.safe)
    for finding in here:
        edit = _silence(analysis, finding)
        if edit is not None:
            yield Action(f"ignore {finding.code} in this line", (edit,), finding)


def _is_sound(analysis: Analysis, finding: Finding) -> bool:
    """Whether the edited text means what the fix promises."""
    fix, document = finding.fix, analysis.document
    if fix is None or document is None:
        return False
    text = apply_edits(document.text, list(fix.edits))
    return find_fault(document, text, fix.changes, partial(read, analysis.path)) is None


def _silence(analysis: Analysis, finding: Finding) -> Edit | None:
    """The comment behind the finding's line; None where none can stand there."""
    document = analysis.document
    if document is None or document.format not in COMMENTED or finding.code == "LC001":
        return None
    line = Lines(document.text).line(finding.span.line)
    if "loracheck:" in line:
        return None
    end = len(line) + 1
    number = finding.span.line
    edit = Edit(Span(number, end, number, end), f"  # loracheck: ignore[{finding.code}]")
    try:
        after = read(analysis.path, apply_edits(document.text, [edit]))
    except DocumentError:
        return None
    return edit if is_same_value(document.roots, after.roots) else None  # else: inside a text


def fix_all(path: str, text: str, settings: LintSettings) -> str:
    """The text with every fix applied that is right whatever was meant."""

    def check(text: str) -> Sequence[Finding]:
        return analyse(path, text, settings).findings

    try:
        return apply_fixes(text, check, partial(read, path)).text
    except DocumentError:
        return text
