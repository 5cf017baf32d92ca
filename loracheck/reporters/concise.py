"""One line a finding: `path:line:column: CODE severity[name]: message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .report import path_to_open
from .sinks import log_line
from .summary import summary_lines

if TYPE_CHECKING:
    from .report import Report


def render(report: Report) -> str:
    """The whole report as text."""
    lines = [
        log_line(
            f"{path_to_open(result.file or result.path)}:{f.span.line}:{f.span.column}: "
            f"{f.code} {f.severity}[{f.name}]: {f.message}"
        )
        for result in report.results
        for f in result.findings
    ]
    return "\n".join([*lines, *summary_lines(report)])
