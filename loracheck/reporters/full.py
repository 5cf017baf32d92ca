"""The report for people: excerpt, caret, help, and what the model really has.

The first finding of each rule ends with the command that shows the rule's page; at every finding it
would be noise.
"""

from __future__ import annotations

from loracheck.addresses import build_rule_url
from loracheck.type_checking import TYPE_CHECKING

from .report import format_path_to_open
from .sinks import break_commands, make_printable
from .summary import count_findings, format_summary_lines
from .text import Painter, cut_excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Span
    from loracheck.findings import Finding
    from loracheck.results import FileResult

    from .report import Report

LONG = 6
"""Findings that fit on one or two screens; of more an overview comes first."""

SHOWN = 6
"""Rules that the overview names."""

WIDTH = 100
"""Longest excerpt in columns; a longer line is cut around the caret."""


def render(report: Report) -> Iterator[str]:
    """The whole report, with an empty line between its parts."""
    empty = False
    for part in _format_parts(report):
        if empty:
            yield ""
        yield break_commands(part)
        empty = True


def _format_parts(report: Report) -> Iterator[str]:
    report = report._replace(counted=report.totals)
    yield from _format_overview(report)
    paint, explained_codes = Painter(report.colour), set[str]()
    for result in report.results:
        for finding in result.findings:
            yield _format_finding(finding, result, paint, more=finding.code not in explained_codes)
            explained_codes.add(finding.code)
    summary = format_summary_lines(report)
    if summary:
        yield "\n".join(summary)


def _format_overview(report: Report) -> list[str]:
    """What comes, before more findings than a screen has room for."""
    totals = report.totals
    if totals.findings <= LONG or report.quiet:
        return []
    rules = ((f"{code} {name}", count) for (code, name), count in totals.rules.most_common())
    words = [f"{rule} ({number})" if number > 1 else rule for rule, number in rules]
    more = f" and {len(words) - SHOWN} more rules" if len(words) > SHOWN else ""
    return [f"{count_findings(report)}\n{', '.join(words[:SHOWN])}{more}"]


def _format_finding(finding: Finding, result: FileResult, paint: Painter, *, more: bool) -> str:
    level = paint.level(finding.severity, f"{finding.severity}[{finding.code}]")
    head = f"{level} {paint.bold(finding.name)}: "
    gutter = " " * len(str(finding.span.line))
    lines = [head + make_printable(finding.message)]
    path = format_path_to_open(result.file or result.path)
    place = f"{path}:{finding.span.line}:{finding.span.column}"
    lines.append(f"{gutter}{paint.dim('-->')} {place}")
    lines += _format_excerpt(result.lines, finding.span, gutter, paint, finding.severity)
    for related in finding.related:
        label = make_printable(related.label)
        where = f"{format_path_to_open(related.path)}:" if related.path else "line "
        lines.append(f"{gutter} {paint.dim('::')} {where}{related.span.line}: {label}")
    lines += [f"{gutter} {paint.dim('=')} {make_printable(note)}" for note in finding.notes]
    if finding.help:
        lines.append(
            f"{gutter} {paint.dim('=')} {paint.help('help')}: {make_printable(finding.help)}"
        )
    if more:
        command = paint.link(f"loracheck explain {finding.code}", build_rule_url(finding.code))
        lines.append(f"{gutter} {paint.dim('=')} more: {command}")
    return "\n".join(lines)


def _format_excerpt(
    lines: tuple[str, ...], span: Span, gutter: str, paint: Painter, level: str
) -> list[str]:
    if not 0 < span.line <= len(lines):
        return []
    source = lines[span.line - 1]
    end = span.end_column if span.end_line == span.line else len(source) + 1
    text, start, width = cut_excerpt(source, span.column - 1, max(end - span.column, 1), WIDTH)
    bar = paint.dim("|")
    caret = paint.level(level, "^" * width)
    return [
        f"{gutter} {bar}",
        f"{paint.dim(str(span.line))} {bar} {text}",
        f"{gutter} {bar} {' ' * start}{caret}",
    ]
