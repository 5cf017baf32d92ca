"""`--statistics`: how often each rule fired, most often first."""

from __future__ import annotations

import json

from loracheck.type_checking import TYPE_CHECKING

from .summary import format_summary_lines

if TYPE_CHECKING:
    from .report import Report

STYLES = ("full", "concise", "json")
"""Formats that know statistics."""


def render(report: Report, style: str) -> str:
    """The counts as text, or as JSON for the style `json`."""
    totals = report.totals
    rows = sorted(totals.rules.items(), key=lambda row: (-row[1], row[0]))
    if style == "json":
        data = [
            {"code": code, "name": name, "count": count, "fixable": totals.with_fix[code]}
            for (code, name), count in rows
        ]
        return json.dumps(data, indent=2)
    width = len(str(rows[0][1])) if rows else 0
    lines = [f"{count:>{width}}  {code}  {name}" for (code, name), count in rows]
    return "\n".join([*lines, *format_summary_lines(report)])
