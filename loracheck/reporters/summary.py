"""The last line of the reports that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report import Report


def count_noun(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def summarize(report: Report) -> str:
    """How much was looked at and what was found."""
    counts = [(report.count(level), level) for level in ("error", "warning", "note")]
    found = ", ".join(count_noun(count, level) for count, level in counts if count)
    looked = f"{count_noun(report.files, 'file')}, {count_noun(report.settings, 'LoRA setting')}"
    unjudged = sum(not s.judged for result in report.results for s in result.settings)
    tail = f" ({unjudged} without a module tree)" if unjudged else ""
    return f"{found or 'No findings'} in {looked}{tail}.{_count_fixable(report)}"


def _count_fixable(report: Report) -> str:
    """How many findings --fix would take away."""
    fixes = [finding.fix for finding in report.findings() if finding.fix and finding.fix.changes]
    safe = sum(fix.safe for fix in fixes)
    unsafe = len(fixes) - safe
    if not safe:
        return f" {unsafe} can be fixed with --fix --unsafe-fixes." if unsafe else ""
    more = f", {unsafe} more with --unsafe-fixes" if unsafe else ""
    return f" {safe} can be fixed with --fix{more}."
