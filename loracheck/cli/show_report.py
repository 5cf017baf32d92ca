"""The text of a report for the terminal at hand, and the exit status that goes with it."""

from __future__ import annotations

import os
import sys

from loracheck.findings import LEVELS
from loracheck.reporters import render_lines
from loracheck.type_checking import TYPE_CHECKING

from .echo import echo
from .errors import build_usage_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.reporters.report import Report
    from loracheck.reporters.totals import Totals


AT_ONCE = 64 * 1024
"""Characters that are written together."""


class Printer:
    """Writes a report's lines to the terminal, or wherever standard output goes."""

    def __init__(self, colour: bool = False, *, to_stderr: bool = False) -> None:
        self._colour = colour
        self._to_stderr = to_stderr

    def print(self, lines: Iterable[str]) -> None:
        """Print lines; they are out when this returns."""
        waiting: list[str] = []
        size = 0
        for line in lines:
            waiting.append(line)
            size += len(line)
            if size > AT_ONCE:
                self._write(waiting)
                waiting, size = [], 0
        if waiting:
            self._write(waiting)

    def _write(self, lines: list[str]) -> None:
        echo("\n".join(lines), color=self._colour or None, err=self._to_stderr)


def report_lines(report: Report, output_format: str, *, statistics: bool) -> Iterator[str]:
    """The lines of the report in a format, or how often each rule fired. Raises a usage error for a
    format that has no statistics.
    """
    if not statistics:
        return render_lines(report, output_format)
    from loracheck.reporters import statistics as counts

    if output_format not in counts.STYLES:
        raise build_usage_error(f"--statistics goes with the formats {', '.join(counts.STYLES)}")
    return iter(counts.render(report, output_format).splitlines())


def use_colour(choice: bool | None, output_format: str) -> bool:
    """Whether to colour the report: on a terminal alone, unless the options say; NO_COLOR,
    FORCE_COLOR and TERM=dumb are heeded.
    """
    if output_format != "full":
        return False
    if choice is not None:
        return choice
    if os.environ.get("NO_COLOR"):
        return False
    able = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return bool(os.environ.get("FORCE_COLOR")) or able


def compute_exit_status(totals: Totals, fail_on: str, *, strict: bool) -> int:
    """0 for nothing at or above `fail_on`, 1 for findings, 2 for a file that cannot be read, 3 with
    `strict` for a setting that could not be judged.
    """
    if totals.unreadable:
        return 2
    if any(LEVELS[level] >= LEVELS[fail_on] for level, count in totals.levels.items() if count):
        return 1
    return 3 if strict and totals.unjudged else 0
