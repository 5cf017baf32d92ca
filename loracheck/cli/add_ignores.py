"""`--add-ignore REASON`: writes a comment for each finding, so that only new ones count.

A comment stands at the end of the finding's line, else alone above the line, else above the command
or call that it is in. The edited text must hold the same values; what no comment can be written for
is said, and stays.
"""

from __future__ import annotations

import os

from loracheck.documents import LIMITS, read
from loracheck.documents.model import DocumentError
from loracheck.documents.replace_file import edit_file, encode_like
from loracheck.documents.source import MAX_BYTES, decode, load
from loracheck.findings import is_at_or_above
from loracheck.fixes.ignore_comments import COMMENTED, add_comments
from loracheck.pipeline import check_file
from loracheck.reporters.report import format_path_to_open
from loracheck.reporters.summary import count_noun
from loracheck.type_checking import TYPE_CHECKING

from .stderr import warn

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.findings import Finding
    from loracheck.fixes.ignore_comments import CommentedText
    from loracheck.options.find_files import InputFile
    from loracheck.options.lint_settings import LintSettings
    from loracheck.results import FileResult

NOT_IGNORED = frozenset({"LC001", "LC004"})
"""What is said of a file that is broken, and of comments themselves."""


class IgnoreRun:
    """The comments of one run: why they are written, and how many were. Findings below the severity
    `fail_on` are left alone: they fail nothing.
    """

    def __init__(self, reason: str, fail_on: str) -> None:
        self.reason = reason
        self.fail_on = fail_on
        self.comments = 0
        self.files = 0
        self.notes: list[str] = []

    def print_counts(self) -> None:
        """Print on standard error how much was written, and what was not and why."""
        for note in self.notes:
            warn(note)
        comments, files = count_noun(self.comments, "comment"), count_noun(self.files, "file")
        warn(f"Wrote {comments} in {files}.")

    @property
    def changes(self) -> int:
        """How many comments were written."""
        return self.comments

    def edit(self, file: InputFile, settings: LintSettings, *, skip_unrelated: bool) -> FileResult:
        """Write the comments of one file, and give what is left to say of it."""
        return ignore_in_file(file, settings, self, skip_unrelated=skip_unrelated)

    def edit_standard_input(self, name: str, data: bytes, settings: LintSettings) -> FileResult:
        """Standard input is no file that a comment could be written to: it is checked alone."""
        return check_file(name, name, settings, data)

    def counts(self, finding: Finding) -> bool:
        """Whether a comment is to be written for a finding."""
        return finding.code not in NOT_IGNORED and is_at_or_above(finding, self.fail_on)


def ignore_in_file(
    file: InputFile, settings: LintSettings, ignores: IgnoreRun, *, skip_unrelated: bool
) -> FileResult:
    """Write the comments of one file, and give what is left to say of it."""
    path = file.path
    result = check_file(path, file.display_path, settings, skip_unrelated=skip_unrelated)
    findings = [finding for finding in result.findings if ignores.counts(finding)]
    if result.unreadable or not findings:
        return result
    path_to_open, count = format_path_to_open(path), count_noun(len(findings), "finding")
    try:
        old = load(path, LIMITS.get(os.path.splitext(path)[1].lower(), MAX_BYTES))
        document = read(path, decode(old))
    except (DocumentError, OSError):  # it was readable a moment ago: report that state
        return result
    if document.format not in COMMENTED:
        ignores.notes.append(
            f"{path_to_open}: {count} left: no comment can stand there; "
            "use per-file-ignores or a baseline"
        )
        return result
    added, after = _add_what_works(document, findings, ignores, file, settings, old)
    if added.comments:
        try:
            edit_file(path, old, encode_like(old, added.text))
        except OSError as error:
            ignores.notes.append(f"{path_to_open}: not written: {error.strerror or error}")
            return result
        ignores.comments += added.comments
        ignores.files += 1
        result = after
    for finding in filter(ignores.counts, result.findings):
        place = f"{path_to_open}:{finding.span.line}:{finding.span.column}"
        ignores.notes.append(f"{place}: {finding.code} left: no comment can stand at this place")
    return result


def _add_what_works(
    document: Document,
    findings: list[Finding],
    ignores: IgnoreRun,
    file: InputFile,
    settings: LintSettings,
    old: bytes,
) -> tuple[CommentedText, FileResult]:
    """The text with the comments that do suppress, and what is left to say of it."""
    path = file.path
    while True:
        added = add_comments(document, findings, ignores.reason, lambda text: read(path, text))
        new = encode_like(old, added.text)
        after = check_file(path, file.display_path, settings, new, on_disk=True)
        remaining = {(finding.code, finding.message) for finding in after.findings}
        suppressed = [
            finding for finding in findings if (finding.code, finding.message) not in remaining
        ]
        if len(suppressed) == len(findings) or not added.comments:
            return added, after
        findings = suppressed
