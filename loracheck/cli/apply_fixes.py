"""`--fix` and `--diff`: files mended before they are reported."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import click

from loracheck.documents import LIMITS, read
from loracheck.documents.model import DocumentError
from loracheck.documents.source import MAX_BYTES, decode, load
from loracheck.fixes.apply import mend
from loracheck.fixes.write_file import encoded, write
from loracheck.pipeline import check_file
from loracheck.reporters.base import openable
from loracheck.reporters.summary import plural
from loracheck.results import FileResult

from .stderr import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.findings import Finding
    from loracheck.fixes.apply import Mended
    from loracheck.options.lint_settings import LintSettings


class Mode(NamedTuple):
    """What to do with a mended text: write it (`fix`), or show it as a diff, in colour or plain."""

    unsafe: bool
    diff: bool
    colour: bool = False


class Tally:
    """How much was mended in a run, for its last lines."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.findings = 0
        self.files = 0
        self.notes: list[str] = []

    def tell(self) -> None:
        """Say it on stderr."""
        for note in self.notes:
            tell(note)
        if self.findings:
            verb = "Would fix" if self.mode.diff else "Fixed"
            counts = f"{plural(self.findings, 'finding')} in {plural(self.files, 'file')}"
            click.echo(f"{verb} {counts}.", err=True)

    def add(self, path: str, mended: Mended) -> None:
        """Count one file."""
        self.findings += len(mended.done)
        self.files += bool(mended.done)
        for finding, reason in mended.dropped:
            place = f"{openable(path)}:{finding.span.line}:{finding.span.column}"
            self.notes.append(f"{place}: {finding.code} not fixed: {reason}")


def mended(path: str, shown: str, job: LintSettings, tally: Tally, *, sure: bool) -> FileResult:
    """Mend one file and give what is left to say of it; with `diff` the file stays as it is."""
    outcome = check_file(path, shown, job, sure=sure)
    if outcome.unreadable or not any(finding.fix for finding in outcome.findings):
        return outcome
    limit = LIMITS.get(os.path.splitext(path)[1].lower(), MAX_BYTES)
    try:
        old = load(path, limit)
        text = decode(old, limit)
        found = _mended(path, text, job, tally.mode)
    except (DocumentError, OSError):  # it was readable a moment ago: report that state
        return outcome
    if not found.done:
        tally.add(path, found)
        return outcome
    new = encoded(old, found.text)
    if tally.mode.diff:
        tally.add(path, found)
        _show(_diff(path, text, found.text), tally.mode)
    else:
        try:
            write(path, old, new)
        except OSError as error:
            tally.notes.append(f"{openable(path)}: not written: {error.strerror or error}")
            return outcome
        tally.add(path, found)
    return check_file(path, shown, job, new)


def mended_input(name: str, data: bytes, job: LintSettings, tally: Tally) -> FileResult:
    """Standard input, mended, goes to standard output; what is left to say is given back."""
    outcome = check_file(name, name, job, data)
    text = data
    if not outcome.unreadable:
        found = _mended(name, decode(data), job, tally.mode)
        tally.add(name, found)
        text = encoded(data, found.text) if found.done else data
        if tally.mode.diff:
            _show(_diff(name, decode(data), found.text), tally.mode)
    if not tally.mode.diff:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
    return check_file(name, name, job, text)


def _mended(path: str, text: str, job: LintSettings, mode: Mode) -> Mended:
    def check(text: str) -> Sequence[Finding]:
        return check_file(path, path, job, text.encode("utf-8")).findings

    return mend(text, check, partial(read, path), unsafe=mode.unsafe)


def _show(diff: str, mode: Mode) -> None:
    """Print a diff; in colour each line in that of its sign, as git has it."""
    if not mode.colour:
        click.echo(diff, nl=False)
        return
    from loracheck.reporters.text import Painter

    painter = Painter(True)
    for row in diff.splitlines(keepends=True):
        text = row.rstrip("\r\n")
        click.echo(painter.changed(text) + row[len(text) :], nl=False, color=True)


def _diff(name: str, old: str, new: str) -> str:
    """A unified diff that `patch -p1` and `git apply` take where loracheck ran."""
    from difflib import unified_diff

    name = openable(name).lstrip("/")
    rows = unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        f"a/{name}",
        f"b/{name}",
    )
    tail = "\n\\ No newline at end of file\n"
    return "".join(row if row.endswith("\n") else row + tail for row in rows)
