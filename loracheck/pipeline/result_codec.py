"""A `FileResult` as a text of JSON, and back: for the cache of results."""

from __future__ import annotations

import json

from loracheck.documents.model import Span
from loracheck.findings import Change, Edit, Finding, Fix, RelatedPlace, Repeat
from loracheck.results import FileResult, SettingResult
from loracheck.type_checking import TYPE_CHECKING

from .excerpt import split_lines

if TYPE_CHECKING:
    from typing import Any


def encode_result(result: FileResult, content: bytes) -> str | None:
    """The result of a file with that content, without what `decode_result` gets in another way;
    None where it would not come back as it is.
    """
    lines = None if result.lines in ((), decode_lines(content)) else list(result.lines)
    values = [
        [*map(_encode_finding, result.findings)],
        [[*setting] for setting in result.settings],
        lines,
        [*result.methods],
        [*result.failures],
    ]
    try:
        text = json.dumps(values, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):  # a value that is none of JSON
        return None
    again = decode_result(text, content, result.path, result.file)
    return text if again == result else None


def decode_result(text: str, content: bytes, display_path: str, path: str) -> FileResult:
    """The result that the text is of, of a file with that content at a path. Raises ValueError,
    TypeError or IndexError for any other text.
    """
    findings, settings, lines, methods, failures = json.loads(text)
    if lines is None:
        lines = decode_lines(content) if findings else ()
    return FileResult(
        display_path,
        tuple(map(_decode_finding, findings)),
        tuple(map(_decode_setting, settings)),
        tuple(lines),
        file=path,
        methods=tuple(methods),
        failures=tuple(failures),
    )


def decode_lines(content: bytes) -> tuple[str, ...]:
    """The lines of a file's text, as a document has them."""
    return split_lines(content.decode("utf-8", "replace").removeprefix("\ufeff"))


def _encode_finding(finding: Finding) -> list[Any]:
    related = [[[*one.span], one.label, one.path] for one in finding.related]
    fix = finding.fix
    fixed = fix and [
        fix.title,
        [[[*edit.span], edit.text] for edit in fix.edits],
        fix.safe,
        [[change.kind, [*change.path], change.value] for change in fix.changes],
    ]
    repeat = finding.repeat and [*finding.repeat]
    return [*finding[:5], [*finding.span], *finding[6:8], [*finding.notes], related, fixed, repeat]


def _decode_finding(values: list[Any]) -> Finding:
    code, name, severity, message, display_path, span, help_, field, notes, related, fix, repeat = (
        values
    )
    return Finding(
        code,
        name,
        severity,
        message,
        display_path,
        Span(*span),
        help_,
        field,
        tuple(notes),
        tuple(RelatedPlace(Span(*span), label, path) for span, label, path in related),
        fix and _decode_fix(*fix),
        repeat and _decode_repeat(*repeat),
    )


def _decode_fix(title: str, edits: list[Any], safe: bool, changes: list[Any]) -> Fix:
    return Fix(
        title,
        tuple(Edit(Span(*span), text) for span, text in edits),
        safe,
        tuple(Change(kind, tuple(path), value) for kind, path, value in changes),
    )


def _decode_repeat(predicate: str, setting: Any, subject: str, mend: str | None) -> Repeat:
    key = tuple(setting) if isinstance(setting, list) else setting
    return Repeat(predicate, key, subject, mend)


def _decode_setting(values: list[Any]) -> SettingResult:
    result = SettingResult(*values)
    return (
        result if result.release_notes == () else result._replace(release_notes=tuple(values[14]))
    )
