"""GitLab's Code Quality report.

Source: docs.gitlab.com, "Code Quality", "Implement a custom tool": description, check_name,
fingerprint (unique in the report), severity, location.path and location.lines.begin.
"""

from __future__ import annotations

from loracheck.fingerprints import compute_fingerprints
from loracheck.type_checking import TYPE_CHECKING

from .json_rows import Rows, format_json_lines
from .report import get_relative_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .report import Report

SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(report: Report) -> Iterator[str]:
    """The findings as a JSON array."""
    return format_json_lines(Rows(_build_rows(report)))


def _build_rows(report: Report) -> Iterator[dict[str, Any]]:
    for result in report.results:
        path = get_relative_path(result)
        names = compute_fingerprints(path, result.findings)
        for finding, name in zip(result.findings, names, strict=True):
            help_ = f" ({finding.help})" if finding.help else ""
            yield {
                "description": f"{finding.name}: {finding.message}{help_}",
                "check_name": finding.code,
                "fingerprint": name,
                "severity": SEVERITIES[finding.severity],
                "location": {
                    "path": path,
                    "lines": {"begin": finding.span.line, "end": finding.span.end_line},
                },
            }
