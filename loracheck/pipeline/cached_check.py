"""`CachedCheck`: `check_file` for the files of a run, with the results of earlier runs."""

from __future__ import annotations

import os
from itertools import groupby

from loracheck.documents import load_config
from loracheck.documents.dependencies import record_dependencies
from loracheck.documents.formats import get_suffix
from loracheck.documents.model import DocumentError
from loracheck.results import FileResult
from loracheck.tools.core.quick_look import may_set_lora
from loracheck.type_checking import TYPE_CHECKING

from .cache_file import compute_digest
from .cache_place import can_keep, describe_run, describe_settings, find_results_folder
from .check import check_file
from .relevance import ADAPTER_FILE, WEIGHTS, Search
from .result_cache import NewResult, ResultCache
from .unrelated_files import UnrelatedFiles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.options.find_files import InputFile
    from loracheck.options.lint_settings import LintSettings

New = list[tuple[str, list[NewResult]]]
"""What a process has added, by the folder that is searched."""

MAX_FOR_ONE = 256 << 10
"""Longest file of the cache that is read for a file that was named: it is read as a whole, which
must not take longer than to check the file.
"""


class CachedCheck:
    """Checks files, and keeps their results. Give it up with `save`."""

    def __init__(self) -> None:
        self._folder = find_results_folder()
        self._run = describe_run() if self._folder else ""
        self._caches: dict[str, ResultCache | None] = {}
        self._unrelated: dict[str, UnrelatedFiles] = {}
        self._search = Search()
        self._settings: tuple[LintSettings, str] | None = None

    def __call__(
        self, file: InputFile, settings: LintSettings, *, skip_unrelated: bool
    ) -> FileResult:
        """The result of one file, as `check_file` gives it."""
        path, display_path = file.path, file.display_path
        cache = self._open_results(file) if can_keep(settings) else None
        if cache is None or path.lower().endswith(WEIGHTS):
            return check_file(path, display_path, settings, skip_unrelated=skip_unrelated)
        try:
            content = load_config(path)
        except (DocumentError, OSError):
            return check_file(path, display_path, settings, skip_unrelated=skip_unrelated)
        suffix = get_suffix(path)
        is_adapter_file = os.path.basename(path) == ADAPTER_FILE
        if skip_unrelated and not is_adapter_file and not may_set_lora(content, suffix):
            return FileResult(display_path, (), file=path)
        key = f"{self._describe(settings)} {skip_unrelated:d} {display_path}\0{path}"
        mark = compute_digest(content)
        result = cache.find(key, content, mark, display_path, path)
        if result is not None:
            return result
        with record_dependencies() as dependencies:
            result = check_file(
                path, display_path, settings, content, on_disk=True, skip_unrelated=skip_unrelated
            )
        if not result.unreadable:
            cache.add(key, content, mark, result, dependencies)
        return result

    def find_related(self, files: Iterable[InputFile]) -> set[str]:
        """The paths of the files that may set LoRA up, by what earlier runs saw and a first look at
        the others.
        """
        related: set[str] = set()
        for look, group in groupby(files, self._find_look):
            related |= look.find_related([file.path for file in group])
        return related

    def open_for(self, files: list[InputFile]) -> int:
        """Read what there is of the folders of some files; how many of them need no check."""
        caches = {
            id(cache): cache for file in files if (cache := self._open_results(file)) is not None
        }
        return sum(map(len, caches.values()))

    def take_new(self) -> New:
        """What this process has added; for `put_new` of the one that saves."""
        caches = self._caches.items()
        return [(root, cache.take_new()) for root, cache in caches if cache is not None]

    def put_new(self, new: New) -> None:
        """Take over what another process has added."""
        for root, entries in new:
            cache = self._open(root, None)
            if cache is not None:
                cache.put_new(entries)

    def save(self) -> None:
        """Write what is new."""
        for cache in self._caches.values():
            if cache is not None:
                cache.save()
        for files in self._unrelated.values():
            files.save()

    def _describe(self, settings: LintSettings) -> str:
        """A short word for the settings; most files of a run have the same ones."""
        if self._settings is None or self._settings[0] != settings:
            self._settings = settings, compute_digest(describe_settings(settings).encode())[:16]
        return self._settings[1]

    def _open_results(self, file: InputFile) -> ResultCache | None:
        """The results of the folder that is searched, or that a file was named in."""
        if file.from_search and file.path.endswith(file.display_path):
            return self._open(f"{file.path.removesuffix(file.display_path)}*", None)
        return self._open(os.path.dirname(file.path), MAX_FOR_ONE)

    def _find_look(self, file: InputFile) -> UnrelatedFiles | Search:
        """What has a first look at a file: with what is kept of the folder that is searched."""
        found = file.from_search and file.path.endswith(file.display_path)
        if self._folder is None or not found:
            return self._search
        root = file.path.removesuffix(file.display_path)
        if root not in self._unrelated:
            self._unrelated[root] = UnrelatedFiles(self._build_cache_path(f"{root}* unrelated"))
        return self._unrelated[root]

    def _build_cache_path(self, content: str) -> str:
        """The path of the file of the cache for what is kept."""
        name = compute_digest(f"{self._run} {content}".encode("utf-8", "surrogateescape"))
        return os.path.join(self._folder or "", f"{name}.json")

    def _open(self, root: str, limit: int | None) -> ResultCache | None:
        if root in self._caches or self._folder is None:
            return self._caches.get(root)
        path = self._build_cache_path(root)
        try:
            fits = limit is None or os.stat(path).st_size <= limit
        except OSError:
            fits = True
        cache = self._caches[root] = ResultCache(path) if fits else None
        return cache
