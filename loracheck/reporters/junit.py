"""JUnit's XML: a suite for each file, a case for each finding, one passing case for a clean file.

Source: the schema that Jenkins and GitLab read (junit-10.xsd of the Jenkins xUnit plugin). Beyond
it a case has `file` and `line`, as pytest writes them, for GitLab, CircleCI and actions that
annotate. Notes are passing cases with their text beside them: they make no build red.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .report import get_relative_path
from .sinks import escape_xml_text, format_xml_attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Finding
    from loracheck.results import FileResult

    from .report import Report


def render(report: Report) -> Iterator[str]:
    """The report as an XML document."""
    totals = report.totals
    errors = totals.unreadable_findings
    notes = totals.levels["note"] - totals.unreadable_notes
    counts = _format_counts(
        totals.findings + totals.clean, totals.findings - errors - notes, errors
    )
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="loracheck" {counts}>'
    yield from map(_format_suite, report.results)
    yield "</testsuites>"


def _format_suite(result: FileResult) -> str:
    path = get_relative_path(result)
    count = max(len(result.findings), 1)
    counts = _format_counts(count, _count_failures(result), _count_errors(result))
    head = f"{format_xml_attribute('name', path)} {counts}"
    cases = [_format_case(path, result, finding) for finding in result.findings]
    clean = f'    <testcase name="no findings" {format_xml_attribute("classname", path)}/>'
    return "\n".join([f"  <testsuite {head}>", *(cases or [clean]), "  </testsuite>"])


def _format_case(path: str, result: FileResult, finding: Finding) -> str:
    place = f"{finding.span.line}:{finding.span.column}"
    name = format_xml_attribute("name", f"{finding.code} {finding.name} ({place})")
    owner = format_xml_attribute("classname", path)
    head = f"    <testcase {name} {owner} {format_xml_attribute('file', path)}"
    text = "\n".join([f"{path}:{place}: {finding.message}", *finding.notes])
    text += f"\nhelp: {finding.help}" if finding.help else ""
    tag = "error" if result.unreadable else "failure"
    message = format_xml_attribute("message", finding.message)
    body = f"<{tag} {format_xml_attribute('type', finding.severity)} {message}"
    if finding.severity == "note":
        inner = f"<system-out>{escape_xml_text(text)}</system-out>"
    else:
        inner = f"{body}>{escape_xml_text(text)}</{tag}>"
    return f'{head} line="{finding.span.line}">{inner}</testcase>'


def _count_failures(result: FileResult) -> int:
    return 0 if result.unreadable else sum(f.severity != "note" for f in result.findings)


def _count_errors(result: FileResult) -> int:
    return len(result.findings) if result.unreadable else 0


def _format_counts(tests: int, failures: int, errors: int) -> str:
    return f'tests="{tests}" failures="{failures}" errors="{errors}"'
