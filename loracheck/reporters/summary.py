"""The last line of the reports that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Report


def plural(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def summary(report: Report) -> str:
    """How much was looked at and what was found."""
    counts = [(report.count(level), level) for level in ("error", "warning", "note")]
    found = ", ".join(plural(count, level) for count, level in counts if count)
    looked = f"{plural(report.files, 'file')}, {plural(report.settings, 'LoRA setting')}"
    unjudged = sum(not s.judged for result in report.results for s in result.settings)
    tail = f" ({unjudged} without a module tree)" if unjudged else ""
    return f"{found or 'No findings'} in {looked}{tail}.{_mendable(report)}"


def _mendable(report: Report) -> str:
    """How many findings --fix would take away."""
    fixes = [finding.fix for finding in report.findings() if finding.fix and finding.fix.changes]
    safe = sum(fix.safe for fix in fixes)
    unsafe = len(fixes) - safe
    if not safe:
        return f" {unsafe} can be fixed with --fix --unsafe-fixes." if unsafe else ""
    more = f", {unsafe} more with --unsafe-fixes" if unsafe else ""
    return f" {safe} can be fixed with --fix{more}."
