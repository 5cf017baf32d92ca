"""The files of a workspace's folder that are open in no editor, checked as a search does."""

from __future__ import annotations

from loracheck.options.errors import OptionError, SettingsError
from loracheck.options.find_files import find_files
from loracheck.options.run_settings import resolve_settings
from loracheck.pipeline import check_file
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.options.run_options import RunOptions
    from loracheck.results import FileResult


def check_folder(folder: str, options: RunOptions) -> Iterator[FileResult]:
    """The result of each file that `loracheck check FOLDER` would read, one after the other. Raises
    OptionError, SettingsError or OSError for settings that cannot be used.
    """
    settings = resolve_settings(options, (folder,))
    for file in find_files((folder,), settings.excludes, gitignore=settings.respect_gitignore):
        if file.reason is None and not file.is_skipped:
            yield check_file(
                file.path, file.display_path, settings.for_path(file.path), skip_unrelated=True
            )


USUAL_ERRORS = (OptionError, SettingsError, OSError)
"""What `check_folder` raises for a user's mistake."""
