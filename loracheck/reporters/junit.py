"""JUnit's XML: a suite for each file, a case for each finding, one passing case for a clean file.

Source: the schema that Jenkins and GitLab read (junit-10.xsd of the Jenkins xUnit plugin). Notes
are passing cases with their text beside them: they make no build red.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .report import path_from_here
from .sinks import xml_attribute, xml_text

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
    counts = _counts(totals.findings + totals.clean, totals.findings - errors - notes, errors)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="loracheck" {counts}>'
    yield from map(_suite, report.results)
    yield "</testsuites>"


def _suite(result: FileResult) -> str:
    path = path_from_here(result)
    count = max(len(result.findings), 1)
    head = f"{xml_attribute('name', path)} {_counts(count, _failures(result), _errors(result))}"
    cases = [_case(path, result, finding) for finding in result.findings]
    clean = f'    <testcase name="no findings" {xml_attribute("classname", path)}/>'
    return "\n".join([f"  <testsuite {head}>", *(cases or [clean]), "  </testsuite>"])


def _case(path: str, result: FileResult, finding: Finding) -> str:
    place = f"{finding.span.line}:{finding.span.column}"
    name = xml_attribute("name", f"{finding.code} {finding.name} ({place})")
    head = f"    <testcase {name} {xml_attribute('classname', path)} {xml_attribute('file', path)}"
    text = "\n".join([f"{path}:{place}: {finding.message}", *finding.notes])
    text += f"\nhelp: {finding.help}" if finding.help else ""
    tag = "error" if result.unreadable else "failure"
    message = xml_attribute("message", finding.message)
    body = f"<{tag} {xml_attribute('type', finding.severity)} {message}"
    if finding.severity == "note":
        inner = f"<system-out>{xml_text(text)}</system-out>"
    else:
        inner = f"{body}>{xml_text(text)}</{tag}>"
    return f'{head} line="{finding.span.line}">{inner}</testcase>'


def _failures(result: FileResult) -> int:
    return 0 if result.unreadable else sum(f.severity != "note" for f in result.findings)


def _errors(result: FileResult) -> int:
    return len(result.findings) if result.unreadable else 0


def _counts(tests: int, failures: int, errors: int) -> str:
    return f'tests="{tests}" failures="{failures}" errors="{errors}"'
