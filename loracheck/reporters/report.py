"""`Report`: what a reporter is given, the results of all files and totals over them."""

from __future__ import annotations

import os

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .sinks import make_printable
from .totals import Totals, count_results

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.findings import Finding
    from loracheck.results import FileResult


class Report(NamedTuple):
    """A finished run."""

    results: Iterable[FileResult]
    """What came of each file, in the order of the run; reporters go through it more than once."""

    files: int
    """Files looked at, also those without a LoRA setting."""

    colour: bool = False
    """Whether the report for people is in colour."""

    quiet: bool = False
    """Whether the reports that people read are without a summary."""

    known: int = 0
    """Findings that a baseline left out."""

    counted: Totals | None = None
    """The totals, where they are at hand."""

    @property
    def totals(self) -> Totals:
        """The totals over all results."""
        return self.counted if self.counted is not None else count_results(self.results)

    def findings(self) -> Iterator[Finding]:
        """All findings, file by file in the order given."""
        for result in self.results:
            yield from result.findings


def format_path_to_open(path: str) -> str:
    """A path for people and their editors, as it can be opened from here: as it was given, and with
    the folder that was searched before it. What is no printable character is shown as `?`, a line
    break too.
    """
    return make_printable(path.removeprefix(os.curdir + os.sep), blank="?")


def get_relative_path(result: FileResult) -> str:
    """The file's path relative to the working directory, with forward slashes.

    This is what code hosts want: they run in the repository's root. A file outside of the working
    directory keeps its absolute path.
    """
    return make_path_relative(result.file or result.path)


def make_path_relative(path: str) -> str:
    """A path as `get_relative_path` gives it."""
    try:
        absolute = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        absolute = os.path.abspath(path)
    if absolute.startswith(os.pardir + os.sep):
        absolute = os.path.abspath(path)
    return absolute.replace(os.sep, "/").encode("utf-8", "replace").decode("utf-8")
