"""`EditRun`: what a run does to the files that it checks, and counts."""

from __future__ import annotations

from typing import Protocol

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.options.find_files import InputFile
    from loracheck.options.lint_settings import LintSettings
    from loracheck.results import FileResult


class EditRun(Protocol):
    """The edits of one run: fixes, or comments that suppress."""

    @property
    def changes(self) -> int:
        """How many findings were mended, or would be."""

    def edit(self, file: InputFile, settings: LintSettings, *, skip_unrelated: bool) -> FileResult:
        """Edit one file, and give what is left to say of it."""

    def edit_standard_input(self, name: str, data: bytes, settings: LintSettings) -> FileResult:
        """The same for standard input, which is printed on standard output."""

    def print_counts(self) -> None:
        """Print on standard error how much was done, and what was not and why."""
