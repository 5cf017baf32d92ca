"""Markdown: a job's summary (GITHUB_STEP_SUMMARY) or a comment on a pull request. A table of the
LoRA settings with what they reach and train, then one of the findings.

Source: GitHub Flavored Markdown (tables, entity references); a job's summary may have 1 MiB.
"""

from __future__ import annotations

from itertools import islice

from loracheck.type_checking import TYPE_CHECKING

from .report import get_relative_path
from .sinks import format_markdown_cell
from .summary import count_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.results import SettingResult

    from .report import Report

ROWS = 200
"""Rows of one table: with the longest words these two tables stay under 1 MiB."""
LONGEST = 300
"""Characters of one word or sentence."""


def render(report: Report) -> Iterator[str]:
    """The summary as a heading, the tables below."""
    yield "### loracheck"
    yield ""
    yield count_findings(report._replace(counted=report.totals))
    settings = (
        row
        for result in report.results
        for row in _list_settings(get_relative_path(result), result.settings)
    )
    head = ("Setting", "Tool", "Base model", "Modules", "Trainable", "Share")
    yield from _format_table(head, settings, report.totals.settings)
    findings = (
        (
            f"{get_relative_path(result)}:{finding.span.line}",
            f"{finding.severity} {finding.code}",
            finding.message,
            finding.help or "",
        )
        for result in report.results
        for finding in result.findings
    )
    yield from _format_table(
        ("Where", "Rule", "What", "Help"), findings, sum(report.totals.levels.values())
    )


def _list_settings(path: str, settings: Iterable[SettingResult]) -> Iterator[tuple[str, ...]]:
    """A row for each setting; `?` stands for a figure that is not known."""
    for one in settings:
        place = path if one.line is None else f"{path}:{one.line}"
        trainable, total = one.trainable_parameters, one.total_parameters
        yield (
            place,
            one.dialect,
            one.model or "?",
            "?" if one.targeted_modules is None else f"{one.targeted_modules:,}",
            "?" if trainable is None else f"{trainable:,}",
            f"{trainable / total:.2%}" if trainable is not None and total else "?",
        )


def _format_table(
    head: tuple[str, ...], rows: Iterable[tuple[str, ...]], count: int
) -> Iterator[str]:
    """A table, with its length where that is more than is shown; nothing without rows."""
    if not count:
        return
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in islice(rows, ROWS):
        yield f"| {' | '.join(format_markdown_cell(cell, LONGEST) for cell in row)} |"
    if count > ROWS:
        yield ""
        yield f"{count - ROWS:,} more rows are not shown."
