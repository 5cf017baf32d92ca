"""`--watch`: check again whenever a file changes, until Ctrl-C.

Each check is a process of its own, so that nothing is remembered of files that have changed. What
is watched is asked for by looking: it works on every system and file system, and needs no package.
"""

from __future__ import annotations

import os
import subprocess
import sys
from time import monotonic, sleep

import click

from loracheck.options.errors import OptionError, SettingsError
from loracheck.options.find_files import find_files
from loracheck.options.find_settings import NAMES
from loracheck.options.run_settings import resolve_settings
from loracheck.type_checking import TYPE_CHECKING

from .stderr import warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .check_options import CheckOptions

PAUSE = 0.5
"""Seconds between two looks."""
SHARE = 10
"""A look that takes long is followed by a pause of so many times its length."""
BESIDE = (*NAMES, "loracheck.lock")
"""Files above the checked ones that a verdict depends on too."""
ENVIRONMENT = "LORACHECK_WATCH"

State = dict[str, tuple[int, int, int]]
"""Path -> when the file was changed last, its size, and its inode."""


def watch(paths: tuple[str, ...], options: CheckOptions) -> int:
    """Check, and check again whenever something changes. Gives the exit status after Ctrl-C."""
    if "-" in paths:
        raise click.UsageError("--watch has files to watch, and standard input is none")
    try:
        while True:
            before = look(paths, options)
            subprocess.run(_build_command(), env=_build_environment(), check=False)
            warn("watching for changes; Ctrl-C ends it")
            _wait_for_change(paths, options, before)
            if sys.stdout.isatty():
                click.clear()
    except KeyboardInterrupt:
        return 0


def _wait_for_change(paths: tuple[str, ...], options: CheckOptions, before: State) -> None:
    pause = PAUSE
    while True:
        sleep(pause)
        begin = monotonic()
        if look(paths, options) != before:
            return
        pause = max(PAUSE, SHARE * (monotonic() - begin))


def look(paths: tuple[str, ...], options: CheckOptions) -> State:
    """The state of every file that the next check may read. What cannot be found out, as with
    settings that are being written, is left out.
    """
    states: State = {}
    for path in {
        *_list_files_above(paths),
        *_list_named_files(options),
        *_list_checked_files(paths, options),
    }:
        try:
            status = os.stat(path)
        except OSError:
            continue
        states[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return states


def _list_checked_files(paths: tuple[str, ...], options: CheckOptions) -> Iterator[str]:
    """The files to check, and what the settings name."""
    try:
        settings = resolve_settings(options.run, paths)
    except (OptionError, SettingsError):
        return
    yield from filter(None, (settings.file, settings.baseline))
    for file in find_files(paths, settings.excludes, gitignore=settings.respect_gitignore):
        yield file.path
        yield from (policy.path for policy in settings.for_path(file.path).policies)


def _list_named_files(options: CheckOptions) -> Iterator[str]:
    """The files that the options name."""
    paths = (options.run.config, options.run.model, options.baseline, *options.run.policy)
    return (path for path in paths if path)


def _list_files_above(paths: tuple[str, ...]) -> Iterator[str]:
    """The files of BESIDE in the folders of the paths and above, up to the repository's root."""
    for path in paths:
        folder = os.path.abspath(path)
        while True:
            yield from (os.path.join(folder, name) for name in BESIDE)
            above = os.path.dirname(folder)
            if above == folder or os.path.exists(os.path.join(folder, ".git")):
                break
            folder = above


def _build_command() -> list[str]:
    """This process's own command line without `--watch`."""
    return [sys.executable, *(word for word in sys.orig_argv[1:] if word != "--watch")]


def _build_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != ENVIRONMENT}
