"""`--format json`: a versioned contract, described by schemas/report.schema.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .report import path_from_here
from .sinks import json_text

if TYPE_CHECKING:
    from loracheck.findings import Finding, Fix

    from .report import Report

VERSION = 2
"""Since 2 every `path` opens from the working directory; before, it was relative to the directory
that had been given.
"""


def render(report: Report) -> str:
    """The whole report as JSON text."""
    data = {
        "version": VERSION,
        "findings": [
            {**finding_as_data(f), "path": path_from_here(result)}
            for result in report.results
            for f in result.findings
        ],
        "settings": [
            {**s._asdict(), "path": path_from_here(result)}
            for result in report.results
            for s in result.settings
        ],
        "summary": {
            "files": report.files,
            "settings": report.settings,
            "errors": report.count("error"),
            "warnings": report.count("warning"),
            "notes": report.count("note"),
        },
    }
    return json_text(data)


def finding_as_data(f: Finding) -> dict[str, Any]:
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
        "fix": _fix(f.fix) if f.fix else None,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**edit.span._asdict(), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}
