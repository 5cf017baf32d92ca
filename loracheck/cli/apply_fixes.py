"""`--fix` and `--diff`: fixes are applied to a file before what is left of it is reported."""

from __future__ import annotations

import os
import sys
from functools import partial

import click

from loracheck.documents import LIMITS, read
from loracheck.documents.model import DocumentError
from loracheck.documents.replace_file import edit_file, encode_like
from loracheck.documents.source import MAX_BYTES, decode, load
from loracheck.fixes.apply import apply_fixes
from loracheck.named_tuple import NamedTuple
from loracheck.pipeline import check_file
from loracheck.reporters.report import format_path_to_open
from loracheck.reporters.summary import count_noun
from loracheck.type_checking import TYPE_CHECKING

from .stderr import warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.findings import Finding
    from loracheck.fixes.apply import FixedText
    from loracheck.options.find_files import InputFile
    from loracheck.options.lint_settings import LintSettings
    from loracheck.results import FileResult


class FixMode(NamedTuple):
    """What to do with a text that fixes have changed."""

    unsafe: bool
    """Whether fixes are applied that are only likely right."""

    diff: bool
    """Whether the change is shown as a diff, and nothing is written."""

    colour: bool = False
    """Whether the diff is in colour."""


class FixRun:
    """The fixes of one run: how they are made, and how many were."""

    def __init__(self, mode: FixMode) -> None:
        self.mode = mode
        self.findings = 0
        self.files = 0
        self.notes: list[str] = []

    def print_counts(self) -> None:
        """Print on standard error how much was fixed, and what was not and why."""
        for note in self.notes:
            warn(note)
        if self.findings:
            verb = "Would fix" if self.mode.diff else "Fixed"
            counts = f"{count_noun(self.findings, 'finding')} in {count_noun(self.files, 'file')}"
            click.echo(f"{verb} {counts}.", err=True)

    @property
    def changes(self) -> int:
        """How many findings were mended, or would be."""
        return self.findings

    def edit(self, file: InputFile, settings: LintSettings, *, skip_unrelated: bool) -> FileResult:
        """Fix one file, and give what is left to say of it."""
        return fix_file(file, settings, self, skip_unrelated=skip_unrelated)

    def edit_standard_input(self, name: str, data: bytes, settings: LintSettings) -> FileResult:
        """Fix standard input."""
        return fix_standard_input(name, data, settings, self)

    def add(self, path: str, fixed_text: FixedText) -> None:
        """Count one file."""
        self.findings += len(fixed_text.applied)
        self.files += bool(fixed_text.applied)
        for finding, reason in fixed_text.dropped:
            place = f"{format_path_to_open(path)}:{finding.span.line}:{finding.span.column}"
            self.notes.append(f"{place}: {finding.code} not fixed: {reason}")


def fix_file(
    file: InputFile, settings: LintSettings, fixes: FixRun, *, skip_unrelated: bool
) -> FileResult:
    """Fix one file, and give what is left to say of it; with `diff` the file stays as it is."""
    path = file.path
    result = check_file(path, file.display_path, settings, skip_unrelated=skip_unrelated)
    if result.unreadable or not any(finding.fix for finding in result.findings):
        return result
    limit = LIMITS.get(os.path.splitext(path)[1].lower(), MAX_BYTES)
    try:
        old = load(path, limit)
        text = decode(old, limit)
        fixed_text = _mend(path, text, settings, fixes.mode, on_disk=True)
    except (DocumentError, OSError):  # it was readable a moment ago: report that state
        return result
    if not fixed_text.applied:
        fixes.add(path, fixed_text)
        return result
    new = encode_like(old, fixed_text.text)
    if fixes.mode.diff:
        fixes.add(path, fixed_text)
        _show(_diff(path, text, fixed_text.text), fixes.mode)
    else:
        try:
            edit_file(path, old, new)
        except OSError as error:
            fixes.notes.append(
                f"{format_path_to_open(path)}: not written: {error.strerror or error}"
            )
            return result
        fixes.add(path, fixed_text)
    return check_file(path, file.display_path, settings, new, on_disk=True)


def fix_standard_input(name: str, data: bytes, settings: LintSettings, fixes: FixRun) -> FileResult:
    """Fix standard input and print it on standard output; gives what is left to say of it."""
    result = check_file(name, name, settings, data)
    text = data
    if not result.unreadable:
        fixed_text = _mend(name, decode(data), settings, fixes.mode, on_disk=False)
        fixes.add(name, fixed_text)
        text = encode_like(data, fixed_text.text) if fixed_text.applied else data
        if fixes.mode.diff:
            _show(_diff(name, decode(data), fixed_text.text), fixes.mode)
    if not fixes.mode.diff:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
    return check_file(name, name, settings, text)


def _mend(
    path: str, text: str, settings: LintSettings, mode: FixMode, *, on_disk: bool
) -> FixedText:
    def check(text: str) -> Sequence[Finding]:
        data = text.encode("utf-8")
        return check_file(path, path, settings, data, on_disk=on_disk).findings

    return apply_fixes(text, check, partial(read, path), unsafe=mode.unsafe)


def _show(diff: str, mode: FixMode) -> None:
    """Print a diff; in colour each line in that of its sign, as git has it."""
    if not mode.colour:
        click.echo(diff, nl=False)
        return
    from loracheck.reporters.text import Painter

    painter = Painter(True)
    for row in diff.splitlines(keepends=True):
        text = row.rstrip("\r\n")
        click.echo(painter.color_diff_line(text) + row[len(text) :], nl=False, color=True)


def _diff(name: str, old: str, new: str) -> str:
    """A unified diff that `patch -p1` and `git apply` take where loracheck ran."""
    from difflib import unified_diff

    name = format_path_to_open(name).lstrip("/")
    rows = unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        f"a/{name}",
        f"b/{name}",
    )
    tail = "\n\\ No newline at end of file\n"
    return "".join(row if row.endswith("\n") else row + tail for row in rows)
