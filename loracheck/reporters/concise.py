"""One line a finding: `path:line:column: CODE name: message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .summary import summary

if TYPE_CHECKING:
    from .base import Report


def render(report: Report) -> str:
    """The whole report as text."""
    lines = [
        f"{f.path}:{f.span.line}:{f.span.column}: {f.code} {f.severity}[{f.name}]: {f.message}"
        for f in report.findings()
    ]
    return "\n".join([*lines, summary(report)])
