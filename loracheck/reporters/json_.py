"""`--format json`: a versioned contract, described by schemas/report.schema.json."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .json_rows import Rows, format_json_lines
from .report import get_relative_path, make_path_relative

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.findings import Finding, Fix

    from .report import Report

VERSION = 2
"""Since 2 every `path` opens from the working directory; before, it was relative to the directory
that had been given.
"""


def render(report: Report) -> Iterator[str]:
    """The whole report as JSON text."""
    totals = report.totals
    data = {
        "version": VERSION,
        "findings": Rows(
            {**build_finding_data(f), "path": get_relative_path(result)}
            for result in report.results
            for f in result.findings
        ),
        "settings": Rows(
            {**s._asdict(), "path": get_relative_path(result)}
            for result in report.results
            for s in result.settings
        ),
        "summary": {
            "files": report.files,
            "settings": totals.settings,
            "errors": totals.levels["error"],
            "warnings": totals.levels["warning"],
            "notes": totals.levels["note"],
        },
    }
    return format_json_lines(data)


def build_finding_data(f: Finding) -> dict[str, Any]:
    """One finding as it stands in the report."""
    return {
        "code": f.code,
        "name": f.name,
        "severity": f.severity,
        "message": f.message,
        "help": f.help,
        "path": f.path,
        "line": f.span.line,
        "column": f.span.column,
        "end_line": f.span.end_line,
        "end_column": f.span.end_column,
        "field": f.field,
        "notes": list(f.notes),
        "fix": _fix(f.fix) if f.fix else None,
        "related": [
            {
                "path": make_path_relative(one.path) if one.path else None,
                **one.span._asdict(),
                "label": one.label,
            }
            for one in f.related
        ],
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**edit.span._asdict(), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}
