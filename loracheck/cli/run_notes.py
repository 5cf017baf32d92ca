"""What a run of `loracheck check` says on standard error beside its report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from loracheck.options.find_files import SUFFIXES

from .stderr import warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.results import FileResult

SHOWN = 5
"""Files that a note names one by one; of more it gives the number."""


def note_empty_directory(path: str) -> None:
    """Say that a directory holds no file that could be a config."""
    warn(f"note: nothing to check in {path}: no config files ({', '.join(SUFFIXES)})")


def print_failures(results: Sequence[FileResult]) -> bool:
    """Say each failure of the results once; whether there is one."""
    lines = dict.fromkeys(line for result in results for line in result.failures)
    for line in lines:
        warn(f"error: {line}")
    return bool(lines)


def note_files_without_setting(
    paths: Sequence[str], results: Sequence[FileResult], stdin: str
) -> None:
    """Say which of the files that were named on the command line set no LoRA up as far as loracheck
    knows: for whoever named a config it is no answer that nothing is wrong with it. `stdin` is the
    name of standard input.
    """
    named = {stdin if path == "-" else path for path in paths if not os.path.isdir(path)}
    bare = [
        result.path
        for result in results
        if (result.file or result.path) in named
        and not (result.settings or result.findings or result.unreadable)
    ]
    for path in bare[:SHOWN]:
        warn(f"note: no LoRA setting recognised in {path}")
    if len(bare) > SHOWN:
        warn(f"note: no LoRA setting recognised in {len(bare) - SHOWN} further files")


def describe_settings(results: Sequence[FileResult]) -> None:
    """Say of each LoRA setting whose file it is, what it was held against, and what it reaches."""
    for setting in (setting for result in results for setting in result.settings):
        place = setting.path if setting.line is None else f"{setting.path}:{setting.line}"
        reach = "" if setting.targeted_modules is None else f", {setting.targeted_modules} modules"
        train = setting.trainable_parameters
        reach += "" if train is None else f", {train:,} trainable parameters"
        model = setting.model or "no model named"
        source = setting.tree_source or "no module tree"
        warn(f"{place}: {setting.dialect}: {model}: {source}{reach}")
