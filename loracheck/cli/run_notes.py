"""What a run of `loracheck check` says on standard error beside its report."""

from __future__ import annotations

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


class FilesWithoutSetting:
    """The files that were named on the command line and set no LoRA up as far as loracheck knows:
    for whoever named a config it is no answer that nothing is wrong with it. `stdin` is the name of
    standard input.
    """

    def __init__(self, paths: Sequence[str], stdin: str) -> None:
        self._named = {stdin if path == "-" else path for path in paths}
        self._first: list[str] = []
        self._more = 0

    def add(self, result: FileResult) -> None:
        """Look at the result of one file."""
        if (result.file or result.path) not in self._named:
            return
        if result.settings or result.findings or result.unreadable:
            return
        if len(self._first) < SHOWN:
            self._first.append(_describe(result))
        else:
            self._more += 1

    def print_notes(self) -> None:
        """Say which they are."""
        for line in self._first:
            warn(f"note: {line}")
        if self._more:
            warn(f"note: no LoRA setting recognised in {self._more} further files")


def _describe(result: FileResult) -> str:
    if result.methods:
        return f"{' and '.join(result.methods)} is not judged by loracheck: {result.path}"
    return f"no LoRA setting recognised in {result.path}"


def describe_settings(result: FileResult) -> None:
    """Say of each LoRA setting whose file it is, what it was held against, and what it reaches."""
    for setting in result.settings:
        place = setting.path if setting.line is None else f"{setting.path}:{setting.line}"
        reach = "" if setting.targeted_modules is None else f", {setting.targeted_modules} modules"
        train = setting.trainable_parameters
        reach += "" if train is None else f", {train:,} trainable parameters"
        model = setting.model or "no model named"
        source = setting.tree_source or "no module tree"
        warn(f"{place}: {setting.dialect}: {model}: {source}{reach}")
