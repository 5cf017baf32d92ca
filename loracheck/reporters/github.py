"""GitHub Actions' workflow commands, which become annotations of the changed lines.

Source: docs.github.com, "Workflow commands for GitHub Actions"; escaping as in actions/toolkit
(`packages/core/src/command.ts`). GitHub shows ten annotations of each level for a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .report import path_from_here
from .sinks import workflow_data, workflow_property
from .summary import summary_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Finding
    from loracheck.results import FileResult

    from .report import Report

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> Iterator[str]:
    """One command a finding, and the summary for the log."""
    for result in report.results:
        yield from result_lines(result)
    yield from summary_lines(report)


def result_lines(result: FileResult) -> Iterator[str]:
    """One command for each finding of a file."""
    if result.findings:
        path = path_from_here(result)
        yield from (_command(path, finding) for finding in result.findings)


def _command(path: str, finding: Finding) -> str:
    span = finding.span
    place = {"file": path, "line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:  # GitHub takes columns within one line only
        place |= {"col": str(span.column), "endColumn": str(span.end_column)}
    place["title"] = f"{finding.code} {finding.name}"
    lines = [finding.message, *finding.notes]
    if finding.help:
        lines.append(f"help: {finding.help}")
    text = workflow_data("\n".join(lines))
    properties = ",".join(f"{key}={workflow_property(value)}" for key, value in place.items())
    return f"::{COMMANDS[finding.severity]} {properties}::{text}"
