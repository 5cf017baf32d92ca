"""What a run of `loracheck check` says on standard error beside its report."""

from __future__ import annotations

import os

from loracheck.options.find_files import SUFFIXES
from loracheck.results import FileResult
from loracheck.type_checking import TYPE_CHECKING

from .stderr import warn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from loracheck.options.find_files import InputFile
    from loracheck.options.run_settings import RunSettings

SHOWN = 5
"""Files that a note names one by one; of more it gives the number."""


def note_empty_directory(path: str) -> None:
    """Say that a directory holds no file that could be a config."""
    warn(f"note: nothing to check in {path}: no config files ({', '.join(SUFFIXES)})")


def note_folders_without_setting(files: int) -> None:
    """Say that none of the files in the folders that were named sets LoRA up."""
    counted = "1 file" if files == 1 else f"{files:,} files"
    warn(f"note: nothing to check: no LoRA setting recognised in {counted}")


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
        if not (result.settings or result.findings or result.unreadable):
            self._add(result)

    def add_unrelated(self, files: Iterable[InputFile]) -> None:
        """Look at files that have nothing to do with LoRA."""
        for file in files:
            if file.path in self._named:
                self._add(FileResult(file.display_path, (), file=file.path))

    def _add(self, result: FileResult) -> None:
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


class AdapterFolders:
    """The adapters that lie right below a folder that was named on the command line: what PEFT
    does not do with several of them is said once for each such folder.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._found: dict[str, list[str]] = {os.path.normpath(path): [] for path in paths}

    def add(self, result: FileResult) -> None:
        """Look at the result of one file."""
        path = result.file or result.path
        if path.endswith("adapter_config.json") and not result.unreadable:
            files = self._found.get(os.path.normpath(os.path.dirname(os.path.dirname(path))))
            if files is not None:
                files.append(path)

    def print_notes(self, settings: RunSettings) -> None:
        """Say what stands in the way, for each folder in a line."""
        for folder, files in self._found.items():
            if len(files) > 1:
                from loracheck.explain.adapters.assess import assess_adapter_files
                from loracheck.explain.adapters.text import summarize

                report = assess_adapter_files(folder, files, settings.for_path(files[0]))
                summary = summarize(report)
                if summary is not None:
                    warn(f"note: {folder}: {summary}; `loracheck explain {folder}` tells more")


def _describe(result: FileResult) -> str:
    if result.methods:
        return f"{' and '.join(result.methods)} is not judged by loracheck: {result.path}"
    return f"no LoRA setting recognised in {result.path}"


def describe_settings(result: FileResult) -> None:
    """Say of each LoRA setting whose file it is, what it was held against, and what it reaches."""
    for setting in result.settings:
        path = result.file or setting.path
        place = path if setting.line is None else f"{path}:{setting.line}"
        reach = "" if setting.targeted_modules is None else f", {setting.targeted_modules} modules"
        train = setting.trainable_parameters
        reach += "" if train is None else f", {train:,} trainable parameters"
        model = setting.model or "no model named"
        source = setting.tree_source or "no module tree"
        warn(f"{place}: {setting.dialect}: {model}: {source}{reach}")
