"""Fixes applied to a text, in rounds, each proved before it counts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from loracheck.documents.lines import Lines
from loracheck.fingerprints import digest

from .verify import fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loracheck.documents.model import Document
    from loracheck.findings import Edit, Finding

ROUNDS = 200
"""Bound on rounds: each mends something or gives something up, and a file has few findings."""


class Mended(NamedTuple):
    """A mended text: the findings that went, and those whose fix was not taken, with the reason."""

    text: str
    done: tuple[Finding, ...]
    dropped: tuple[tuple[Finding, str], ...]


def mend(
    text: str,
    check: Callable[[str], Sequence[Finding]],
    read: Callable[[str], Document],
    *,
    unsafe: bool = False,
) -> Mended:
    """Apply the fixes of the findings that `check` has about the text, until none is left.

    `read` makes a document of a text; unsafe fixes are left alone unless asked for.
    """
    done: list[Finding] = []
    dropped: dict[str, tuple[Finding, str]] = {}
    for _ in range(ROUNDS):
        found = check(text)
        wanted = [f for f in found if _wanted(f, unsafe) and digest(f) not in dropped]
        batch = _apart(wanted, Lines(text))
        if not batch:
            break
        document = read(text)
        for group in [batch, *([one] for one in batch)] if len(batch) > 1 else [batch]:
            new, reason = _tried(document, group, found, check, read)
            if reason is None:
                text = new
                done += group
                break
            if len(group) == 1:
                dropped[digest(group[0])] = (group[0], reason)
    return Mended(text, tuple(done), tuple(dropped.values()))


def _wanted(finding: Finding, unsafe: bool) -> bool:
    fix = finding.fix
    return fix is not None and bool(fix.changes) and (fix.safe or unsafe)


def _apart(findings: list[Finding], lines: Lines) -> list[Finding]:
    """The findings whose edits do not overlap, in the order of the findings."""
    taken: list[tuple[int, int]] = []
    batch = []
    for finding in findings:
        places = [_offsets(edit, lines) for edit in finding.fix.edits] if finding.fix else []
        if all(end <= first or last <= start for start, end in places for first, last in taken):
            taken += places
            batch.append(finding)
    return batch


def _offsets(edit: Edit, lines: Lines) -> tuple[int, int]:
    span = edit.span
    return lines.offset(span.line, span.column), lines.offset(span.end_line, span.end_column)


def _tried(
    document: Document,
    group: list[Finding],
    found: Sequence[Finding],
    check: Callable[[str], Sequence[Finding]],
    read: Callable[[str], Document],
) -> tuple[str, str | None]:
    """The text with the fixes of a group, and why it cannot be taken."""
    fixes = [finding.fix for finding in group if finding.fix]
    text = edited(document.text, [edit for fix in fixes for edit in fix.edits])
    reason = fault(document, text, [c for fix in fixes for c in fix.changes], read)
    if reason is not None:
        return text, reason
    before, after = Counter(map(digest, found)), Counter(map(digest, check(text)))
    mended = Counter(map(digest, group))
    if any(after[key] > before[key] - count for key, count in mended.items()):
        return text, "the finding would remain"
    return text, None


def edited(text: str, edits: list[Edit]) -> str:
    """The text with all edits, which must not overlap."""
    lines = Lines(text)
    places = sorted(((*_offsets(edit, lines), edit.text) for edit in edits), reverse=True)
    for start, end, new in places:
        text = text[:start] + new + text[end:]
    return text
