"""`check_files`: the result of every file that a run is about, as it comes."""

from __future__ import annotations

import sys
from functools import partial

from loracheck.documents.model import Span
from loracheck.options.find_files import InputFile, find_files
from loracheck.pipeline import as_note, build_unreadable_result, check_file
from loracheck.pipeline.relevance import Search
from loracheck.results import FileResult
from loracheck.type_checking import TYPE_CHECKING

from .check_options import STDIN, UNNAMED_HELP
from .errors import describe_fault
from .first_look import look_first
from .parallel import check_all
from .run_notes import note_empty_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from loracheck.options.run_settings import RunSettings
    from loracheck.pipeline.cached_check import CachedCheck

    from .check_options import CheckOptions
    from .edit_run import EditRun


def check_files(
    paths: tuple[str, ...],
    settings: RunSettings,
    options: CheckOptions,
    fixes: EditRun | None,
    take_unrelated: Callable[[Sequence[InputFile]], object] | None,
) -> Iterator[FileResult]:
    """The results of all files, but for those of a search that have nothing to do with LoRA, where
    `take_unrelated` gets them.
    """
    files = find_files(
        paths,
        settings.excludes,
        gitignore=settings.respect_gitignore,
        notify_empty=_ignore if options.quiet else note_empty_directory,
    )
    if fixes is not None:  # which are counted in one place
        return map(_guard(partial(_edit, settings, options, fixes)), files)
    search = Search()
    cache: CachedCheck | None = None
    if not options.no_cache and "-" not in paths:
        from loracheck.pipeline.cached_check import CachedCheck

        cache = CachedCheck()
    find_related = cache.find_related if cache is not None else partial(_find_related, search)
    files = look_first(files, find_related, take_unrelated, with_named=options.skip_unrelated)
    check = _guard(partial(_check, settings, options, search, cache))
    if "-" in paths:  # input is read once
        return map(check, files)
    share = settings.builds.share
    return _save_cache_at_end(check_all(check, files, options.jobs, share, cache), cache)


def _find_related(search: Search, files: Sequence[InputFile]) -> set[str]:
    return search.find_related([file.path for file in files])


def _guard(check: Callable[[InputFile], FileResult]) -> Callable[[InputFile], FileResult]:
    """The same, but that a fault of ours does not hide the other files."""

    def check_guarded(file: InputFile) -> FileResult:
        try:
            if file.reason is not None:
                result = build_unreadable_result(
                    file.display_path, file.reason, Span(1, 1, 1, 1), file.path
                )
                return as_note(result) if file.is_skipped else result
            return check(file)
        except Exception as error:
            from loracheck.trees.model_ids import DamagedTableError

            if isinstance(error, DamagedTableError):
                raise  # of every file the same would have to be said
            return _build_internal_error(file, error)

    return check_guarded


def _edit(
    settings: RunSettings, options: CheckOptions, fixes: EditRun, file: InputFile
) -> FileResult:
    if file.path == "-":
        return _check_standard_input(settings, options.stdin_filename, fixes)
    skip_unrelated = file.from_search or options.skip_unrelated
    return fixes.edit(file, settings.for_path(file.path), skip_unrelated=skip_unrelated)


def _check(
    settings: RunSettings,
    options: CheckOptions,
    search: Search,
    cache: CachedCheck | None,
    file: InputFile,
) -> FileResult:
    if file.path == "-":
        return _check_standard_input(settings, options.stdin_filename, None)
    if file.is_unrelated:
        return FileResult(file.display_path, (), file=file.path)
    lint_settings = settings.for_path(file.path)
    skip_unrelated = file.from_search or options.skip_unrelated
    if cache is not None:
        return cache(file, lint_settings, skip_unrelated=skip_unrelated)
    return check_file(
        *(file.path, file.display_path, lint_settings, search.take_content(file.path)),
        on_disk=True,
        skip_unrelated=skip_unrelated,
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
    return result._replace(findings=tuple(f._replace(help=UNNAMED_HELP) for f in result.findings))
