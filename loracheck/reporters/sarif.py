"""SARIF 2.1.0 (OASIS standard with errata 01), as GitHub code scanning and others read it."""

from __future__ import annotations

from loracheck.addresses import build_docs_url, build_rule_url
from loracheck.fingerprints import compute_fingerprints
from loracheck.rules import list_all_rules
from loracheck.type_checking import TYPE_CHECKING
from loracheck.version import __version__

from .json_rows import Rows, format_json_lines
from .report import get_relative_path, make_path_relative

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.model import Span
    from loracheck.findings import Finding, Fix
    from loracheck.results import FileResult
    from loracheck.rules import Rule

    from .report import Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "loracheck/v1"


def render(report: Report) -> Iterator[str]:
    """The report as one SARIF log. Only the rules that have results are described in it."""
    totals = report.totals
    fired = {code for code, _ in totals.rules}
    rules = [rule for rule in list_all_rules() if rule.code in fired]
    index = {rule.code: number for number, rule in enumerate(rules)}
    driver = {
        "name": "loracheck",
        "version": __version__,
        "semanticVersion": __version__,
        **_format_link("informationUri", build_docs_url()),
        "rules": [_build_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": not totals.unreadable}],
        "columnKind": "unicodeCodePoints",
        "results": Rows(row for result in report.results for row in _build_results(result, index)),
    }
    return format_json_lines({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _build_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary + "."},
        "fullDescription": {"text": _extract_first_section(rule.page)},
        **_format_link("helpUri", build_rule_url(rule.code)),
        "help": {"text": rule.page, "markdown": f"# {rule.code} {rule.name}\n\n{rule.page}"},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {
            "tags": ["lora", rule.code[:3]],
            "problem.severity": _get_problem_severity(rule),
        },
    }


def _format_link(key: str, address: str | None) -> dict[str, str]:
    """A key with an address, where the project has one."""
    return {key: address} if address else {}


def _extract_first_section(page: str) -> str:
    """The page's first section, on one line."""
    return " ".join(page.partition("## What")[2].partition("\n## ")[0].split()) or page


def _get_problem_severity(rule: Rule) -> str:
    """What GitHub calls a level: error, warning or recommendation."""
    return "recommendation" if rule.severity == "note" else rule.severity


def _build_results(result: FileResult, index: dict[str, int]) -> list[dict[str, Any]]:
    path = get_relative_path(result)
    names = compute_fingerprints(path, result.findings)
    return [
        _build_result(finding, path, index[finding.code], name)
        for finding, name in zip(result.findings, names, strict=True)
    ]


def _build_result(finding: Finding, path: str, rule: int, name: str) -> dict[str, Any]:
    words = [finding.message, *finding.notes]
    if finding.help:
        words.append(f"help: {finding.help}")
    row: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": "\n".join(words)},
        "locations": [_build_location(path, finding.span)],
        "partialFingerprints": {FINGERPRINT: name},
    }
    if finding.related:
        row["relatedLocations"] = [
            {
                "id": number,
                **_build_location(
                    make_path_relative(related.path) if related.path else path, related.span
                ),
                "message": {"text": related.label},
            }
            for number, related in enumerate(finding.related)
        ]
    if finding.fix:
        row["fixes"] = [_build_fix(finding.fix, path)]
    return row


def _build_location(path: str, span: Span) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _build_uri(path)},
            "region": _build_region(span),
        }
    }


def _build_region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _build_fix(fix: Fix, path: str) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _build_region(edit.span), "insertedContent": {"text": edit.text}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": {"uri": _build_uri(path)}, "replacements": replacements}
    words = fix.title if fix.safe else f"{fix.title} (unsafe: likely right, not certain)"
    return {"description": {"text": words}, "artifactChanges": [change]}


def _build_uri(path: str) -> str:
    """A relative URI reference; an absolute one for a file outside of the working directory."""
    from urllib.parse import quote

    encoded = quote(path, safe="/", errors="replace")
    return f"file://{encoded}" if path.startswith("/") else encoded
