"""One line a finding: `path:line:column: CODE severity[name]: message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base import openable
from .summary import summary
from .text import printed

if TYPE_CHECKING:
    from .base import Report


def render(report: Report) -> str:
    """The whole report as text."""
    lines = [
        printed(
            f"{openable(result.file or result.path)}:{f.span.line}:{f.span.column}: "
            f"{f.code} {f.severity}[{f.name}]: {f.message}"
        )
        for result in report.results
        for f in result.findings
    ]
    return "\n".join([*lines, summary(report)])
