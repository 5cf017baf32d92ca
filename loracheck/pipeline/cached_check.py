"""`CachedCheck`: `check_file` for the files of a run, with the results of earlier runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from loracheck.documents import load_config
from loracheck.documents.dependencies import record_dependencies
from loracheck.documents.model import DocumentError
from loracheck.results import FileResult
from loracheck.tools.core.quick_look import may_set_lora

from .cache_place import can_keep, describe_run, describe_settings, find_results_folder
from .check import check_file
from .look import ADAPTER_FILE, WEIGHTS
from .result_cache import ResultCache, digest

if TYPE_CHECKING:
    from loracheck.options.find_files import InputFile
    from loracheck.options.lint_settings import LintSettings

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
        self._settings: tuple[LintSettings, str] | None = None

    def __call__(
        self, file: InputFile, settings: LintSettings, *, skip_unrelated: bool
    ) -> FileResult:
        """The result of one file, as `check_file` gives it."""
        path, shown = file.path, file.shown
        cache = self._cache(file) if can_keep(settings) else None
        if cache is None or path.lower().endswith(WEIGHTS):
            return check_file(path, shown, settings, skip_unrelated=skip_unrelated)
        try:
            content = load_config(path)
        except (DocumentError, OSError):
            return check_file(path, shown, settings, skip_unrelated=skip_unrelated)
        suffix = os.path.splitext(path)[1].lower()
        named = os.path.basename(path) == ADAPTER_FILE
        if skip_unrelated and not named and not may_set_lora(content, suffix):
            return FileResult(shown, (), file=path)
        key = f"{self._describe(settings)} {skip_unrelated:d} {shown}\0{path}"
        mark = digest(content)
        result = cache.find(key, content, mark, shown, path)
        if result is not None:
            return result
        with record_dependencies() as found:
            result = check_file(
                path, shown, settings, content, on_disk=True, skip_unrelated=skip_unrelated
            )
        if not result.unreadable:
            cache.add(key, content, mark, result, found)
        return result

    def open_for(self, files: list[InputFile]) -> int:
        """Read what there is of the folders of some files; how many results that is."""
        found = {id(cache): cache for file in files if (cache := self._cache(file)) is not None}
        return sum(map(len, found.values()))

    def take_new(self) -> list[Any]:
        """What this process has added; for `put_new` of the one that saves."""
        return [
            (root, cache.take_new()) for root, cache in self._caches.items() if cache is not None
        ]

    def put_new(self, new: list[Any]) -> None:
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

    def _describe(self, settings: LintSettings) -> str:
        """A short word for the settings; most files of a run have the same ones."""
        if self._settings is None or self._settings[0] != settings:
            self._settings = settings, digest(describe_settings(settings).encode())[:16]
        return self._settings[1]

    def _cache(self, file: InputFile) -> ResultCache | None:
        """The results of the folder that is searched, or that a file was named in."""
        if file.from_search and file.path.endswith(file.shown):
            return self._open(f"{file.path.removesuffix(file.shown)}*", None)
        return self._open(os.path.dirname(file.path), MAX_FOR_ONE)

    def _open(self, root: str, limit: int | None) -> ResultCache | None:
        if root in self._caches or self._folder is None:
            return self._caches.get(root)
        name = digest(f"{self._run} {root}".encode("utf-8", "surrogateescape"))
        path = os.path.join(self._folder, f"{name}.json")
        try:
            fits = limit is None or os.stat(path).st_size <= limit
        except OSError:
            fits = True
        cache = self._caches[root] = ResultCache(path) if fits else None
        return cache
