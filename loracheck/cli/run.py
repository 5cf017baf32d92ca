"""One run of `loracheck check`: settings, files, findings, report, exit status."""

from __future__ import annotations

import os
import sys

from loracheck.documents.model import Span
from loracheck.options.find_files import InputFile, find_files
from loracheck.pipeline import as_note, build_unreadable_result, check_file
from loracheck.pipeline.relevance import Search
from loracheck.reporters.report import Report
from loracheck.results import FileResult
from loracheck.type_checking import TYPE_CHECKING

from .baseline_file import (
    load_baseline_or_fail,
    warn_gone_findings,
    warn_unreadable,
    write_baseline,
)
from .check_options import STDIN, run_settings
from .errors import build_usage_error, describe_fault
from .outputs import write_report
from .parallel import check_all
from .progress import Progress
from .run_notes import note_empty_directory
from .run_results import RunResults
from .show_report import Printer, compute_exit_status, report_lines, use_colour
from .stderr import warn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.options.run_settings import RunSettings
    from loracheck.pipeline.cached_check import CachedCheck

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
        _take_all(results, _check_files(paths, settings, options, fixes), options)
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


def _take_all(results: RunResults, files: Iterable[FileResult], options: CheckOptions) -> None:
    silent = options.quiet or options.verbose or options.diff
    progress = Progress(visible=not silent and results.printed is None)
    for result in files:
        results.add(result)
        progress.step()
    progress.end()


def _print_notes(
    paths: tuple[str, ...], results: RunResults, options: CheckOptions, fixes: EditRun | None
) -> None:
    """What people should know beside the report."""
    if not results.totals.files and not _is_nothing_here(paths, results):
        warn("note: nothing to check: the settings exclude all that was named")
    if not options.skip_unrelated:
        results.without_setting.print_notes()
    if fixes is not None:
        fixes.print_counts()


def _is_nothing_here(paths: tuple[str, ...], results: RunResults) -> bool:
    """Whether the paths are folders without any file to check."""
    return not results.totals.files and all(map(os.path.isdir, paths))


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


def _check_files(
    paths: tuple[str, ...], settings: RunSettings, options: CheckOptions, fixes: EditRun | None
) -> Iterator[FileResult]:
    cache: CachedCheck | None = None
    if not options.no_cache and fixes is None and "-" not in paths:
        from loracheck.pipeline.cached_check import CachedCheck

        cache = CachedCheck()

    search = Search()

    def is_without_lora(file: InputFile) -> bool:
        return cache.is_unrelated(file) if cache is not None else search.is_unrelated(file.path)

    def check(file: InputFile) -> FileResult:
        try:
            return check_unguarded(file)
        except Exception as error:
            from loracheck.trees.model_ids import DamagedTableError

            if isinstance(error, DamagedTableError):
                raise  # of every file the same would have to be said
            # A fault of ours must not hide the other files.
            return _build_internal_error(file, error)

    def check_unguarded(file: InputFile) -> FileResult:
        if file.reason is not None:
            result = build_unreadable_result(
                file.display_path, file.reason, Span(1, 1, 1, 1), file.path
            )
            return as_note(result) if file.is_skipped else result
        if file.path == "-":
            return _check_standard_input(settings, options.stdin_filename, fixes)
        skip_unrelated = file.from_search or options.skip_unrelated
        if skip_unrelated and fixes is None and is_without_lora(file):
            return FileResult(file.display_path, (), file=file.path)
        lint_settings = settings.for_path(file.path)
        if fixes is not None:
            return fixes.edit(file, lint_settings, skip_unrelated=skip_unrelated)
        if cache is not None:
            return cache(file, lint_settings, skip_unrelated=skip_unrelated)
        content = search.take_content(file.path)
        return check_file(
            *(file.path, file.display_path, lint_settings, content),
            on_disk=True,
            skip_unrelated=skip_unrelated,
        )

    files = find_files(
        paths,
        settings.excludes,
        gitignore=settings.respect_gitignore,
        notify_empty=_ignore if options.quiet else note_empty_directory,
    )
    if fixes is not None or "-" in paths:  # fixes are counted in one place, input is read once
        return map(check, files)
    return _save_cache_at_end(
        check_all(check, files, options.jobs, settings.builds.share, cache), cache
    )


def _save_cache_at_end(
    results: Iterator[FileResult], cache: CachedCheck | None
) -> Iterator[FileResult]:
    """The results; what is new in the cache is written behind the last one."""
    yield from results
    if cache is not None:
        cache.save()


def _ignore(path: str) -> None:
    pass


def _build_internal_error(file: InputFile, error: Exception) -> FileResult:
    """The result of a file that a fault of loracheck's own keeps from being judged."""
    return build_unreadable_result(
        file.display_path, describe_fault(error), Span(1, 1, 1, 1), file.path
    )


def _check_standard_input(settings: RunSettings, name: str, fixes: EditRun | None) -> FileResult:
    lint_settings, data = settings.for_path(name), sys.stdin.buffer.read()
    if fixes is None:
        result = check_file(name, name, lint_settings, data)
        return _add_format_help(result) if result.unreadable and name == STDIN else result
    return fixes.edit_standard_input(name, data, lint_settings)


def _add_format_help(result: FileResult) -> FileResult:
    """Standard input without a name was read as JSON, which may be all that is wrong with it."""
    help_ = "it was read as JSON: name the format with --stdin-filename config.yaml"
    return result._replace(findings=tuple(f._replace(help=help_) for f in result.findings))
