"""GitHub Actions' workflow commands, which become annotations of the changed lines.

Source: docs.github.com, "Workflow commands for GitHub Actions"; escaping as in actions/toolkit
(`packages/core/src/command.ts`). GitHub shows ten annotations of each level for a step.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .report import get_relative_path
from .sinks import escape_workflow_data, escape_workflow_property
from .summary import format_summary_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Finding
    from loracheck.results import FileResult

    from .report import Report

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> Iterator[str]:
    """One command a finding, and the summary for the log."""
    for result in report.results:
        yield from format_result_lines(result)
    yield from format_summary_lines(report)


def format_result_lines(result: FileResult) -> Iterator[str]:
    """One command for each finding of a file."""
    if result.findings:
        path = get_relative_path(result)
        yield from (_format_command(path, finding) for finding in result.findings)


def _format_command(path: str, finding: Finding) -> str:
    span = finding.span
    place = {"file": path, "line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:  # GitHub takes columns within one line only
        place |= {"col": str(span.column), "endColumn": str(span.end_column)}
    place["title"] = f"{finding.code} {finding.name}"
    lines = [finding.message, *finding.notes]
    if finding.help:
        lines.append(f"help: {finding.help}")
    text = escape_workflow_data("\n".join(lines))
    properties = ",".join(
        f"{key}={escape_workflow_property(value)}" for key, value in place.items()
    )
    return f"::{COMMANDS[finding.severity]} {properties}::{text}"
