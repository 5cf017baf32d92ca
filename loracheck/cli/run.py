"""One run of `loracheck check`: settings, files, findings, report, exit status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from loracheck.documents.model import Span
from loracheck.options.find_files import InputFile, find_files
from loracheck.pipeline import as_note, check_file, unreadable_result
from loracheck.reporters.report import Report
from loracheck.reporters.sinks import log_line

from .check_options import STDIN, run_settings
from .errors import Failure, click_errors, describe_fault
from .outputs import write_report
from .parallel import check_all
from .run_notes import (
    describe_settings,
    note_empty_directory,
    note_files_without_setting,
    print_failures,
)
from .show_report import exit_status, report_text, use_colour
from .stderr import warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.options.run_settings import RunSettings
    from loracheck.results import FileResult

    from .apply_fixes import FixRun
    from .check_options import CheckOptions


def run(paths: tuple[str, ...], options: CheckOptions) -> int:
    """Check the paths, print the report, and give the exit status."""
    settings = _with_lines(run_settings(options.run, paths, quiet=options.quiet), options)
    fixes = _fix_run(options)
    results = tuple(_check_files(paths, settings, options, fixes))
    nothing_here = not results and all(map(os.path.isdir, paths))
    if not options.quiet:
        if not results and not nothing_here:
            warn("note: nothing to check: the settings exclude all that was named")
        if not options.skip_unrelated:
            note_files_without_setting(paths, results, options.stdin_filename)
        if fixes is not None:
            fixes.print_counts()
    if options.verbose:
        describe_settings(results)
    failed = print_failures(results)
    if options.write_baseline:
        status = _write_baseline(options.write_baseline, results)
        return 2 if failed else status
    known, baseline = 0, options.baseline or settings.baseline
    if baseline:
        left = _leave_out_known(baseline, results, quiet=options.quiet)
        known = sum(len(o.findings) for o in results) - sum(len(o.findings) for o in left)
        results = left
    colour = use_colour(options.colour, settings.output_format) and not options.output_file
    report = Report(results, len(results), colour, quiet=options.quiet, known=known)
    if fixes is not None and options.diff:
        _warn_unreadable(results)
        if fixes.findings and not options.exit_zero:
            return 1
        return 2 if report.unreadable or failed else 0
    _print_report(report, settings.output_format, options, to_stderr=options.fix and "-" in paths)
    if failed or (options.strict and nothing_here):
        return 2  # no verdict, which --exit-zero does not make one
    return 0 if options.exit_zero else exit_status(report, settings.fail_on, strict=options.strict)


def _print_report(
    report: Report, output_format: str, options: CheckOptions, *, to_stderr: bool
) -> None:
    """Write every report that the options ask for. `to_stderr` leaves standard output to standard
    input that was mended.
    """
    text = report_text(report, output_format, statistics=options.statistics)
    if text and not options.output_file:
        click.echo(text, color=report.colour or None, err=to_stderr)
    if options.output_file:
        write_report(options.output_file, text)
    for output in options.outputs:
        # No colour, and whole: a file is read by programs, or later.
        plain = report._replace(colour=False, quiet=False)
        write_report(output.file, report_text(plain, output.format, statistics=False))


def _with_lines(settings: RunSettings, options: CheckOptions) -> RunSettings:
    """The settings with the lines of LoRA settings where some output shows them."""
    formats = {settings.output_format, *(output.format for output in options.outputs)}
    if options.verbose or "json" in formats:
        return settings
    return settings._replace(
        for_path=lambda path: settings.for_path(path)._replace(with_lines=False)
    )


def _fix_run(options: CheckOptions) -> FixRun | None:
    """What to do with fixes; None where they are only reported. Raises a usage error for options
    that exclude each other.
    """
    if options.fix and options.diff:
        raise click.UsageError("--fix and --diff exclude each other")
    if not (options.fix or options.diff):
        if options.unsafe_fixes:
            raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
        return None
    from .apply_fixes import FixMode, FixRun

    # FORCE_COLOR is meant for people's eyes; a diff in a pipe is meant for git.
    colour = bool(options.colour) or (sys.stdout.isatty() and use_colour(options.colour, "full"))
    return FixRun(FixMode(options.unsafe_fixes, options.diff, colour))


def _check_files(
    paths: tuple[str, ...], settings: RunSettings, options: CheckOptions, fixes: FixRun | None
) -> Iterator[FileResult]:
    def check(file: InputFile) -> FileResult:
        try:
            return check_unguarded(file)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not hide the other files
            return _internal_error(file, error)

    def check_unguarded(file: InputFile) -> FileResult:
        if file.reason is not None:
            result = unreadable_result(file.shown, file.reason, Span(1, 1, 1, 1), file.path)
            return as_note(result) if file.left_out else result
        if file.path == "-":
            return _check_standard_input(settings, options.stdin_filename, fixes)
        skip_unrelated = file.from_search or options.skip_unrelated
        return _check_file(file, settings, fixes, skip_unrelated=skip_unrelated)

    files = find_files(
        paths,
        settings.excludes,
        gitignore=settings.respect_gitignore,
        notify_empty=_ignore if options.quiet else note_empty_directory,
    )
    if fixes is not None or "-" in paths:  # fixes are counted in one place, input is read once
        return map(check, files)
    return check_all(check, files, options.jobs, settings.builds.share)


def _ignore(path: str) -> None:
    pass


def _internal_error(file: InputFile, error: Exception) -> FileResult:
    """The result of a file that a fault of loracheck's own keeps from being judged."""
    return unreadable_result(file.shown, describe_fault(error), Span(1, 1, 1, 1), file.path)


def _check_standard_input(settings: RunSettings, name: str, fixes: FixRun | None) -> FileResult:
    lint_settings, data = settings.for_path(name), sys.stdin.buffer.read()
    if fixes is None:
        result = check_file(name, name, lint_settings, data)
        return _with_format_help(result) if result.unreadable and name == STDIN else result
    from .apply_fixes import fix_standard_input

    return fix_standard_input(name, data, lint_settings, fixes)


def _with_format_help(result: FileResult) -> FileResult:
    """Standard input without a name was read as JSON, which may be all that is wrong with it."""
    help_ = "it was read as JSON: name the format with --stdin-filename config.yaml"
    return result._replace(findings=tuple(f._replace(help=help_) for f in result.findings))


def _check_file(
    file: InputFile, settings: RunSettings, fixes: FixRun | None, *, skip_unrelated: bool
) -> FileResult:
    lint_settings = settings.for_path(file.path)
    if fixes is None:
        return check_file(file.path, file.shown, lint_settings, skip_unrelated=skip_unrelated)
    from .apply_fixes import fix_file

    return fix_file(file, lint_settings, fixes, skip_unrelated=skip_unrelated)


def _write_baseline(target: str, results: tuple[FileResult, ...]) -> int:
    """Write all findings to the file, and give the exit status. What could not be read is said."""
    from loracheck.documents.replace_file import replace_file
    from loracheck.options.baseline import render_baseline

    readable = [result for result in results if not result.unreadable]
    text = render_baseline(target, [(result.file, result.findings) for result in readable])
    try:
        # A file name that is no UTF-8 is kept by its bytes, as Python writes it in a path.
        replace_file(target, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise Failure(f"{target}: cannot be written: {error.strerror or error}") from error
    _warn_unreadable(results)
    click.echo(log_line(f"{target}: {sum(len(o.findings) for o in readable)} known findings"))
    return 0 if len(readable) == len(results) else 2


def _warn_unreadable(results: tuple[FileResult, ...]) -> None:
    """Say why files could not be read, where no report does."""
    for result in results:
        if result.unreadable:
            warn(f"{result.path}: {result.findings[0].message}")


def _leave_out_known(
    source: str, results: tuple[FileResult, ...], *, quiet: bool
) -> tuple[FileResult, ...]:
    """The results without the findings that the baseline knows."""
    from loracheck.options.baseline import load_baseline

    with click_errors():
        baseline = load_baseline(source)
    left = tuple(
        result
        if result.unreadable
        else result._replace(findings=baseline.new_findings(result.file, result.findings))
        for result in results
    )
    gone = baseline.count_gone(result.file for result in results)
    if gone and not quiet:
        words = f"{gone} known findings are gone" if gone > 1 else "1 known finding is gone"
        warn(f"{source}: {words}; write it anew with --write-baseline")
    return left
