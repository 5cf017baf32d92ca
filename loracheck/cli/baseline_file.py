"""The baseline's file, as `check --baseline` and `--write-baseline` have it."""

from __future__ import annotations

from loracheck.reporters.sinks import log_line
from loracheck.results import FileResult
from loracheck.type_checking import TYPE_CHECKING

from .echo import echo
from .errors import build_failure, raise_click_errors
from .stderr import warn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.options.baseline import Baseline


def write_baseline(target: str, results: Iterable[FileResult]) -> int:
    """Write all findings to the file, and give the exit status. What could not be read is said."""
    from loracheck.documents.replace_file import replace_file
    from loracheck.options.baseline import render_baseline

    readable = (result for result in results if not result.unreadable)
    text = render_baseline(target, ((result.file, result.findings) for result in readable))
    try:
        # A file name that is no UTF-8 is kept by its bytes, as Python writes it in a path.
        replace_file(target, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise build_failure(f"{target}: cannot be written: {error.strerror or error}") from error
    count = sum(len(result.findings) for result in results if not result.unreadable)
    unreadable = warn_unreadable(results)
    summary = "1 known finding" if count == 1 else f"{count} known findings"
    echo(log_line(f"{target}: {summary}"))
    return 2 if unreadable else 0


def warn_unreadable(results: Iterable[FileResult]) -> bool:
    """Say why files could not be read, where no report does; whether there is one."""
    any_unreadable = False
    for result in results:
        if result.unreadable:
            warn(f"{result.path}: {result.findings[0].message}")
            any_unreadable = True
    return any_unreadable


def load_baseline_or_fail(source: str) -> Baseline:
    """The known findings of a file. Raises click's error where it cannot be read."""
    from loracheck.options.baseline import load_baseline

    with raise_click_errors():
        return load_baseline(source)


def warn_gone_findings(source: str, baseline: Baseline) -> None:
    """Say how many of the known findings are there no more."""
    missing = baseline.count_gone()
    if missing:
        words = f"{missing} known findings are gone" if missing > 1 else "1 known finding is gone"
        warn(f"{source}: {words}; write it anew with --write-baseline")
