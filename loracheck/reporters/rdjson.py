"""reviewdog's own format, for comments on a pull request with suggestions to commit.

Source: reviewdog's proto/rdf/reviewdog.proto and its jsonschema/DiagnosticResult.json. Columns
count bytes of UTF-8 from 1, and a range ends before its end. Of a related place in another file,
whose text is not at hand, the lines alone are told (`related_locations`, reviewdog.proto 0.20).
"""

from __future__ import annotations

from loracheck.addresses import build_rule_url
from loracheck.type_checking import TYPE_CHECKING

from .json_rows import Rows, format_json_lines
from .report import get_relative_path, make_path_relative

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.model import Span
    from loracheck.findings import Finding, RelatedPlace
    from loracheck.results import FileResult

    from .report import Report

SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(report: Report) -> Iterator[str]:
    """A DiagnosticResult as JSON text."""
    rows = Rows(_build_diagnostic(result, f) for result in report.results for f in result.findings)
    return format_json_lines({"source": {"name": "loracheck"}, "diagnostics": rows})


def _build_diagnostic(result: FileResult, finding: Finding) -> dict[str, Any]:
    lines = [finding.message, *finding.notes]
    if finding.help:
        lines.append(f"help: {finding.help}")
    address = build_rule_url(finding.code)
    row: dict[str, Any] = {
        "message": "\n".join(lines),
        "location": {
            "path": get_relative_path(result),
            "range": _build_range(finding.span, result.lines),
        },
        "severity": SEVERITIES[finding.severity],
        "code": {"value": finding.code, **({"url": address} if address else {})},
    }
    if finding.fix is not None and len(finding.fix.edits) == 1:  # each suggestion stands alone
        (edit,) = finding.fix.edits
        row["suggestions"] = [{"range": _build_range(edit.span, result.lines), "text": edit.text}]
    if finding.related:
        row["related_locations"] = [_build_related(result, one) for one in finding.related]
    return row


def _build_related(result: FileResult, related: RelatedPlace) -> dict[str, Any]:
    span = related.span
    if related.path:
        lines = {"start": {"line": span.line}, "end": {"line": span.end_line}}
        location = {"path": make_path_relative(related.path), "range": lines}
    else:
        location = {"path": get_relative_path(result), "range": _build_range(span, result.lines)}
    return {"message": related.label, "location": location}


def _build_range(span: Span, lines: tuple[str, ...]) -> dict[str, dict[str, int]]:
    start = _compute_byte_column(lines, span.line, span.column)
    end = _compute_byte_column(lines, span.end_line, span.end_column)
    return {
        "start": {"line": span.line, "column": start},
        "end": {"line": span.end_line, "column": end},
    }


def _compute_byte_column(lines: tuple[str, ...], line: int, column: int) -> int:
    """The column in bytes of UTF-8, both from 1; as it is where the line is not at hand."""
    if not 0 < line <= len(lines):
        return column
    return len(lines[line - 1][: column - 1].encode("utf-8", "replace")) + 1
