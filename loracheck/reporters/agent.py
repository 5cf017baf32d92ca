"""For coding agents: one line a finding, with the mend as an edit, and no word that repeats.

`path:line:column severity CODE message; help; fix line:column-line:column "old" -> "new"`. Old and
new are JSON strings, so that a line stays a line; a fix that is only likely right is `fix?`. The
last line says how much was looked at and what was found, without the releases.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .report import format_path_to_open
from .sinks import format_json, log_line
from .summary import count_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Edit, Finding
    from loracheck.results import FileResult

    from .report import Report

LONGEST = 400
"""Characters of an old text that is written out; of a longer one the place says enough."""


def render(report: Report) -> Iterator[str]:
    """The report, line by line."""
    for result in report.results:
        yield from _format_finding_lines(result)
    if not report.quiet:
        yield count_findings(report)


def _format_finding_lines(result: FileResult) -> Iterator[str]:
    """A line for each finding of a file."""
    path = format_path_to_open(result.file or result.path)
    for finding in result.findings:
        parts = [finding.message, *([finding.help] if finding.help else [])]
        parts += _format_fix(finding, result.lines)
        head = f"{path}:{finding.span.line}:{finding.span.column} {finding.severity} {finding.code}"
        yield log_line(f"{head} {'; '.join(parts)}")


def _format_fix(finding: Finding, lines: tuple[str, ...]) -> list[str]:
    fix = finding.fix
    if fix is None or not fix.changes:
        return []
    words = " and ".join(_describe_edit(edit, lines) for edit in fix.edits)
    return [f"{'fix' if fix.safe else 'fix?'} {words}"]


def _describe_edit(edit: Edit, lines: tuple[str, ...]) -> str:
    span = edit.span
    place = f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"
    old = _find_replaced_text(edit, lines)
    replaced = f" {format_json(old, None)}" if old is not None else ""
    return f"{place}{replaced} -> {format_json(edit.text, None)}"


def _find_replaced_text(edit: Edit, lines: tuple[str, ...]) -> str | None:
    """The text that an edit replaces; None where it is long or not at hand."""
    span = edit.span
    if not 0 < span.line <= span.end_line <= len(lines):
        return None
    replaced = list(lines[span.line - 1 : span.end_line])
    replaced[-1] = replaced[-1][: span.end_column - 1]
    replaced[0] = replaced[0][span.column - 1 :]
    old = "\n".join(replaced)
    return old if len(old) <= LONGEST else None
