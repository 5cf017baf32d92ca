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
            f"{openable(outcome.file or outcome.path)}:{f.span.line}:{f.span.column}: "
            f"{f.code} {f.severity}[{f.name}]: {f.message}"
        )
        for outcome in report.outcomes
        for f in outcome.findings
    ]
    return "\n".join([*lines, summary(report)])
