"""Applies the fixes of a text's findings, in rounds; a fix counts only once it is verified."""

from __future__ import annotations

from collections import Counter

from loracheck.documents.lines import Lines
from loracheck.fingerprints import compute_fingerprint
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .verify import find_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loracheck.documents.model import Document
    from loracheck.findings import Edit, Finding

MAX_ROUNDS = 200
"""Most rounds. Each one applies a fix or gives one up, and a file has few findings."""


class FixedText(NamedTuple):
    """A text with its fixes applied."""

    text: str
    applied: tuple[Finding, ...]
    """The findings that are gone."""
    dropped: tuple[tuple[Finding, str], ...]
    """The findings whose fix could not be applied, each with the reason."""


def apply_fixes(
    text: str,
    check: Callable[[str], Sequence[Finding]],
    read: Callable[[str], Document],
    *,
    unsafe: bool = False,
) -> FixedText:
    """Apply the fixes of the findings that `check` has about the text, until none is left.

    `check` and `read` give the findings and the document of a text. With `unsafe` also the fixes
    that are only likely right are applied.
    """
    done: list[Finding] = []
    dropped: dict[str, tuple[Finding, str]] = {}
    for _ in range(MAX_ROUNDS):
        findings = check(text)
        fixable = [
            f
            for f in findings
            if _is_applicable(f, unsafe) and compute_fingerprint(f) not in dropped
        ]
        batch = _drop_overlaps(fixable, Lines(text))
        if not batch:
            break
        document = read(text)
        for group in [batch, *([one] for one in batch)] if len(batch) > 1 else [batch]:
            new, reason = _try_fixes(document, group, findings, check, read)
            if reason is None:
                text = new
                done += group
                break
            if len(group) == 1:
                dropped[compute_fingerprint(group[0])] = (group[0], reason)
    return FixedText(text, tuple(done), tuple(dropped.values()))


def _is_applicable(finding: Finding, unsafe: bool) -> bool:
    fix = finding.fix
    return fix is not None and bool(fix.changes) and (fix.safe or unsafe)


def _drop_overlaps(findings: list[Finding], lines: Lines) -> list[Finding]:
    """The findings whose edits do not overlap, in the order of the findings."""
    edited: list[tuple[int, int]] = []
    batch = []
    for finding in findings:
        places = (
            [_compute_offsets(edit, lines) for edit in finding.fix.edits] if finding.fix else []
        )
        if all(end <= first or last <= start for start, end in places for first, last in edited):
            edited += places
            batch.append(finding)
    return batch


def _compute_offsets(edit: Edit, lines: Lines) -> tuple[int, int]:
    span = edit.span
    return lines.offset(span.line, span.column), lines.offset(span.end_line, span.end_column)


def _try_fixes(
    document: Document,
    group: list[Finding],
    findings: Sequence[Finding],
    check: Callable[[str], Sequence[Finding]],
    read: Callable[[str], Document],
) -> tuple[str, str | None]:
    """The text with the fixes of a group, and why it must not be used (None where it may)."""
    fixes = [finding.fix for finding in group if finding.fix]
    text = apply_edits(document.text, [edit for fix in fixes for edit in fix.edits])
    reason = find_fault(document, text, [c for fix in fixes for c in fix.changes], read)
    if reason is not None:
        return text, reason
    before, after = (
        Counter(map(compute_fingerprint, findings)),
        Counter(map(compute_fingerprint, check(text))),
    )
    fixed_counts = Counter(map(compute_fingerprint, group))
    if any(after[key] > before[key] - count for key, count in fixed_counts.items()):
        return text, "the finding would remain"
    return text, None


def apply_edits(text: str, edits: list[Edit]) -> str:
    """The text with all edits, which must not overlap."""
    lines = Lines(text)
    places = sorted(((*_compute_offsets(edit, lines), edit.text) for edit in edits), reverse=True)
    for start, end, new in places:
        text = text[:start] + new + text[end:]
    return text
