"""One run of `loracheck check`: settings, files, findings, report, exit status."""

from __future__ import annotations

import os
import sys

from loracheck.reporters.report import Report
from loracheck.type_checking import TYPE_CHECKING

from .baseline_file import (
    load_baseline_or_fail,
    warn_gone_findings,
    warn_unreadable,
    write_baseline,
)
from .check_files import check_files
from .check_options import run_settings
from .errors import build_usage_error
from .outputs import write_report
from .progress import Progress
from .run_notes import note_folders_without_setting
from .run_results import RunResults
from .show_report import Printer, compute_exit_status, report_lines, use_colour
from .stderr import warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.options.find_files import InputFile
    from loracheck.options.run_settings import RunSettings

    from .apply_fixes import FixRun
    from .check_options import CheckOptions
    from .edit_run import EditRun


def run(paths: tuple[str, ...], options: CheckOptions) -> int:
    """Check the paths, print the report, and give the exit status."""
    settings = _omit_unshown_lines(run_settings(options.run, paths, quiet=options.quiet), options)
    fixes = _choose_edit_run(paths, settings, options)
    source = None if options.write_baseline else options.baseline or settings.baseline
    baseline = load_baseline_or_fail(source) if source else None
    results = RunResults(paths, options, settings.output_format, baseline)
    try:
        silent = options.quiet or options.verbose or options.diff
        progress = Progress(visible=not silent and results.printed is None)

        def take_unrelated(files: Sequence[InputFile]) -> None:
            results.add_unrelated(files)
            progress.step(len(files))

        take = None if results.needs_each else take_unrelated
        for result in check_files(paths, settings, options, fixes, take):
            results.add(result)
            progress.step()
        progress.end()
        if not options.quiet:
            _print_notes(paths, results, options, fixes)
            results.adapter_folders.print_notes(settings)
            if source and baseline is not None:
                warn_gone_findings(source, baseline)
        for line in results.failures:
            warn(f"error: {line}")
        status = _conclude(paths, results, settings, options, fixes)
        if options.matrix and not options.quiet:
            from .serve_matrix import print_matrix

            print_matrix(paths, settings)
        return status
    finally:
        results.store.close()


def _print_notes(
    paths: tuple[str, ...], results: RunResults, options: CheckOptions, fixes: EditRun | None
) -> None:
    """What people should know beside the report."""
    if not results.totals.files and not _is_nothing_here(paths, results):
        warn("note: nothing to check: the settings exclude all that was named")
    elif results.totals.files and _is_nothing_here(paths, results):
        note_folders_without_setting(results.totals.files)
    if not options.skip_unrelated:
        results.without_setting.print_notes()
    if fixes is not None:
        fixes.print_counts()


def _is_nothing_here(paths: tuple[str, ...], results: RunResults) -> bool:
    """Whether the paths are folders in which nothing sets LoRA up, or no file is to be checked."""
    totals = results.totals
    something = totals.settings or totals.findings or results.known
    return not something and all(map(os.path.isdir, paths))


def _conclude(
    paths: tuple[str, ...],
    results: RunResults,
    settings: RunSettings,
    options: CheckOptions,
    fixes: EditRun | None,
) -> int:
    """Write what is to be written at the end, and give the exit status."""
    totals, failed = results.totals, bool(results.failures)
    if options.write_baseline:
        status = write_baseline(options.write_baseline, results.store)
        return 2 if failed else status
    if options.diff and fixes is not None:
        warn_unreadable(results.store)
        if fixes.changes and not options.exit_zero:
            return 1
        return 2 if totals.unreadable or failed else 0
    colour = use_colour(options.colour, settings.output_format) and not options.output_file
    report_results = results.store if results.printed is None else ()
    report = Report(report_results, totals.files, colour, options.quiet, results.known, totals)
    to_stderr = options.fix and "-" in paths
    _print_report(report, settings.output_format, options, to_stderr=to_stderr)
    if failed or (options.strict and _is_nothing_here(paths, results)):
        return 2  # no verdict, which --exit-zero does not make one
    if options.exit_zero:
        return 0
    return compute_exit_status(totals, settings.fail_on, strict=options.strict)


def _print_report(
    report: Report, output_format: str, options: CheckOptions, *, to_stderr: bool
) -> None:
    """Write every report that the options ask for. `to_stderr` leaves standard output to standard
    input that was mended.
    """
    lines = report_lines(report, output_format, statistics=options.statistics)
    if options.output_file:
        write_report(options.output_file, lines)
    else:
        Printer(report.colour, to_stderr=to_stderr).print(lines)
    for output in options.outputs:
        # No colour, and whole: a file is read by programs, or later.
        plain = report._replace(colour=False, quiet=False)
        write_report(output.file, report_lines(plain, output.format, statistics=False))


def _omit_unshown_lines(settings: RunSettings, options: CheckOptions) -> RunSettings:
    """The settings with the lines of LoRA settings where some output shows them."""
    formats = {settings.output_format, *(output.format for output in options.outputs)}
    if options.verbose or formats & {"json", "markdown"}:
        return settings
    return settings._replace(
        for_path=lambda path: settings.for_path(path)._replace(with_lines=False)
    )


def _choose_edit_run(
    paths: tuple[str, ...], settings: RunSettings, options: CheckOptions
) -> EditRun | None:
    """What to do with the files beside reporting on them, None for nothing. Raises a usage error
    for options that exclude each other.
    """
    if options.add_ignore is None:
        return _fix_run(options)
    if options.fix or options.diff or options.write_baseline:
        raise build_usage_error("--add-ignore goes without --fix, --diff and --write-baseline")
    if "-" in paths:
        raise build_usage_error("--add-ignore writes to files, and standard input is none")
    from .add_ignores import IgnoreRun

    return IgnoreRun(options.add_ignore, settings.fail_on)


def _fix_run(options: CheckOptions) -> FixRun | None:
    """What to do with fixes; None where they are only reported. Raises a usage error for options
    that exclude each other.
    """
    if options.fix and options.diff:
        raise build_usage_error("--fix and --diff exclude each other")
    if not (options.fix or options.diff):
        if options.unsafe_fixes:
            raise build_usage_error("--unsafe-fixes goes with --fix or --diff")
        return None
    from .apply_fixes import FixMode, FixRun

    # FORCE_COLOR is meant for people's eyes; a diff in a pipe is meant for git.
    colour = bool(options.colour) or (sys.stdout.isatty() and use_colour(options.colour, "full"))
    return FixRun(FixMode(options.unsafe_fixes, options.diff, colour))
