"""One run of `loracheck check`, from the merged settings to the exit status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from loracheck.documents.model import Span
from loracheck.findings import at_or_above
from loracheck.pipeline import check_file, unreadable
from loracheck.reporters import render
from loracheck.reporters.base import Report
from loracheck.results import FileResult

from .check_options import STDIN, SettingsError, merged
from .file_search import Input, inputs
from .parallel import outcomes
from .stderr import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .apply_fixes import Tally
    from .check_options import Asked, Settings


def run(paths: tuple[str, ...], asked: Asked) -> int:
    """Check the paths, print the report, and give the exit status."""
    settings = _lean(merged(asked, paths))
    tally = _tally(asked)
    found = tuple(_outcomes(paths, settings, asked, tally))
    if not found:
        tell("note: nothing to check: the settings exclude all that was named")
    if tally is not None:
        tally.tell()
    if asked.write_baseline:
        return _write_baseline(asked.write_baseline, found)
    if asked.baseline or settings.baseline:
        found = _unknown(asked.baseline or settings.baseline or "", found)
    report = Report(found, len(found), _colour(asked.colour, settings.style))
    if tally is not None and asked.diff:
        return 1 if tally.findings and not asked.exit_zero else _unread(report)
    # Standard input that was mended is on standard output.
    to_stderr = asked.fix and "-" in paths
    text = _text(report, settings.style, asked.statistics)
    click.echo(text, color=report.colour or None, err=to_stderr)
    return 0 if asked.exit_zero else _status(report, settings.fail_on, asked.strict)


def _lean(settings: Settings) -> Settings:
    """Without what only the JSON report shows."""
    if settings.style == "json":
        return settings
    return settings._replace(job=lambda path: settings.job(path)._replace(with_lines=False))


def _tally(asked: Asked) -> Tally | None:
    if asked.fix and asked.diff:
        raise click.UsageError("--fix and --diff exclude each other")
    if not (asked.fix or asked.diff):
        if asked.unsafe_fixes:
            raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
        return None
    from .apply_fixes import Mode, Tally

    # FORCE_COLOR is meant for people's eyes; a diff in a pipe is meant for git.
    colour = bool(asked.colour) or (sys.stdout.isatty() and _colour(asked.colour, "full"))
    return Tally(Mode(asked.unsafe_fixes, asked.diff, colour))


def _outcomes(
    paths: tuple[str, ...], settings: Settings, asked: Asked, tally: Tally | None
) -> Iterator[FileResult]:
    def one(file: Input) -> FileResult:
        if file.reason is not None:
            return unreadable(file.shown, file.reason, Span(1, 1, 1, 1), file.path)
        if file.path == "-":
            return _standard_input(settings, asked.stdin_filename, tally)
        return _file(file, settings, tally, sure=not (file.found or asked.skip_unrelated))

    files = inputs(paths, settings.excluded, gitignore=settings.gitignore)
    if tally is not None or "-" in paths:  # a tally counts in one place, and input is read once
        return map(one, files)
    return outcomes(one, files, asked.jobs)


def _standard_input(settings: Settings, name: str, tally: Tally | None) -> FileResult:
    job, data = settings.job(name), sys.stdin.buffer.read()
    if tally is None:
        outcome = check_file(name, name, job, data)
        return _told_the_format(outcome) if outcome.unreadable and name == STDIN else outcome
    from .apply_fixes import mended_input

    return mended_input(name, data, job, tally)


def _told_the_format(outcome: FileResult) -> FileResult:
    """Standard input without a name was read as JSON, which may be all that is wrong with it."""
    help_ = "it was read as JSON: name the format with --stdin-filename config.yaml"
    return outcome._replace(findings=tuple(f._replace(help=help_) for f in outcome.findings))


def _file(file: Input, settings: Settings, tally: Tally | None, *, sure: bool) -> FileResult:
    job = settings.job(file.path)
    if tally is None:
        return check_file(file.path, file.shown, job, sure=sure)
    from .apply_fixes import mended

    return mended(file.path, file.shown, job, tally, sure=sure)


def _write_baseline(target: str, outcomes: tuple[FileResult, ...]) -> int:
    """Everything found is known from now on; what could not be read is not."""
    from loracheck.options import baseline

    readable = [o for o in outcomes if not o.unreadable]
    text = baseline.render(target, [(o.file, o.findings) for o in readable])
    try:
        with open(target, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        raise SettingsError(f"{target}: cannot be written: {error.strerror}") from error
    for outcome in outcomes:
        if outcome.unreadable:
            tell(f"{outcome.path}: {outcome.findings[0].message}")
    click.echo(f"{target}: {sum(len(o.findings) for o in readable)} known findings")
    return 0 if len(readable) == len(outcomes) else 2


def _unknown(source: str, outcomes: tuple[FileResult, ...]) -> tuple[FileResult, ...]:
    """The outcomes without the findings that the baseline knows."""
    from loracheck.options import baseline
    from loracheck.options.keys import OptionsError

    try:
        known = baseline.load(source)
    except OptionsError as error:
        raise SettingsError("\n".join(error.problems)) from error
    left = tuple(
        outcome
        if outcome.unreadable
        else outcome._replace(findings=known.new(outcome.file, outcome.findings))
        for outcome in outcomes
    )
    gone = known.gone(outcome.file for outcome in outcomes)
    if gone:
        words = f"{gone} known findings are gone" if gone > 1 else "1 known finding is gone"
        click.echo(f"{source}: {words}; write it anew with --write-baseline", err=True)
    return left


def _text(report: Report, style: str, statistics: bool) -> str:
    if not statistics:
        return render(report, style)
    from loracheck.reporters import statistics as counts

    if style not in counts.STYLES:
        raise click.UsageError(f"--statistics goes with the formats {', '.join(counts.STYLES)}")
    return counts.render(report, style)


def _colour(wanted: bool | None, style: str) -> bool:
    """Colour on a terminal alone, unless asked for; NO_COLOR, FORCE_COLOR and TERM=dumb are
    heeded.
    """
    if style != "full":
        return False
    if wanted is not None:
        return wanted
    if os.environ.get("NO_COLOR"):
        return False
    able = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return bool(os.environ.get("FORCE_COLOR")) or able


def _unread(report: Report) -> int:
    return 2 if any(outcome.unreadable for outcome in report.outcomes) else 0


def _status(report: Report, fail_on: str, strict: bool) -> int:
    if _unread(report):
        return 2
    if any(at_or_above(finding, fail_on) for finding in report.findings()):
        return 1
    unjudged = any(not s.judged for outcome in report.outcomes for s in outcome.settings)
    return 3 if strict and unjudged else 0
