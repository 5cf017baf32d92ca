"""`check_paths`: what `loracheck check` does, from the values of its options to the exit status."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .check_options import check_options
from .errors import build_usage_error
from .outputs import read_paths

if TYPE_CHECKING:
    from typing import Any


def check_paths(paths: tuple[str, ...], values: dict[str, Any]) -> int:
    """Check the paths and give the exit status. `values` are those of the options, by name. Raises
    click's exceptions for what cannot be done.
    """
    list_file = values.pop("files_from")
    if list_file is not None:
        paths += read_paths(list_file)
    options = check_options(values)
    if options.show_files or options.show_settings:
        from .show_run import show_files, show_settings

        (show_settings if options.show_settings else show_files)(paths or (".",), options)
        return 0
    if options.watch:
        from .watch import watch

        if list_file is not None:
            raise build_usage_error("--watch and --files-from exclude each other")
        return watch(paths or (".",), options)
    from .run import run

    # A list that is empty is nothing to check, not everything.
    return run(paths if paths or list_file is not None else (".",), options)
