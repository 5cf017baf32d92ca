"""The last lines of the reports that people read."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .sinks import make_printable

if TYPE_CHECKING:
    from .report import Report
    from .totals import Totals


def count_noun(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def format_summary_lines(report: Report) -> list[str]:
    """The last lines of a report: how much was looked at, what was found, and which releases
    judged; none where the report is to be quiet.
    """
    if report.quiet:
        return []
    report = report._replace(counted=report.totals)
    return [count_findings(report), *_name_releases(report)]


def count_findings(report: Report) -> str:
    """In one line how much was looked at and what was found."""
    totals = report.totals
    counts = [(totals.levels[level], level) for level in ("error", "warning", "note")]
    text = ", ".join(count_noun(count, level) for count, level in counts if count)
    looked = f"{count_noun(report.files, 'file')}, {count_noun(totals.settings, 'LoRA setting')}"
    tail = f" ({totals.unjudged} without a module tree)" if totals.unjudged else ""
    known_note = f" {count_noun(report.known, 'known finding')} left out." if report.known else ""
    none = "No new findings" if report.known else "No findings"
    return f"{text or none} in {looked}{tail}.{known_note}{_count_fixable(totals)}"


SHOWN = 3
"""How many different pairs of releases, or notes on them, a report tells."""


def _name_releases(report: Report) -> list[str]:
    """Which releases judged, and why these; then what is to be said of them."""
    totals = report.totals
    judged, notes = list(totals.judged_by.values()), list(totals.release_notes)
    lines = [f"Judged by {text}." for text in judged[:SHOWN]]
    if len(judged) > SHOWN:
        lines.append(
            f"Judged by {count_noun(len(judged) - SHOWN, 'more pair')} of releases (--format json)."
        )
    lines += [f"Note: {make_printable(note)}." for note in notes[:SHOWN]]
    if len(notes) > SHOWN:
        lines.append(f"Note: {len(notes) - SHOWN} more like these (--format json).")
    return lines


def _count_fixable(totals: Totals) -> str:
    """How many findings --fix would take away."""
    safe, unsafe = totals.safe_fixes, totals.unsafe_fixes
    if not safe:
        return f" {unsafe} can be fixed with --fix --unsafe-fixes." if unsafe else ""
    more = f", {unsafe} more with --unsafe-fixes" if unsafe else ""
    return f" {safe} can be fixed with --fix{more}."
