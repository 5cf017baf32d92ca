"""The text of a report for the terminal at hand, and the exit status that goes with it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from loracheck.findings import at_or_above
from loracheck.reporters import render

if TYPE_CHECKING:
    from loracheck.reporters.report import Report


def report_text(report: Report, output_format: str, *, statistics: bool) -> str:
    """The report in a format, or how often each rule fired. Raises a usage error for a format that
    has no statistics.
    """
    if not statistics:
        return render(report, output_format)
    from loracheck.reporters import statistics as counts

    if output_format not in counts.STYLES:
        raise click.UsageError(f"--statistics goes with the formats {', '.join(counts.STYLES)}")
    return counts.render(report, output_format)


def use_colour(wanted: bool | None, output_format: str) -> bool:
    """Whether to colour the report: on a terminal alone, unless the options say; NO_COLOR,
    FORCE_COLOR and TERM=dumb are heeded.
    """
    if output_format != "full":
        return False
    if wanted is not None:
        return wanted
    if os.environ.get("NO_COLOR"):
        return False
    able = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return bool(os.environ.get("FORCE_COLOR")) or able


def exit_status(report: Report, fail_on: str, *, strict: bool) -> int:
    """0 for nothing at or above `fail_on`, 1 for findings, 2 for a file that cannot be read, 3 with
    `strict` for a setting that could not be judged.
    """
    if report.unreadable:
        return 2
    if any(at_or_above(finding, fail_on) for finding in report.findings()):
        return 1
    unjudged = any(not s.judged for result in report.results for s in result.settings)
    return 3 if strict and unjudged else 0
