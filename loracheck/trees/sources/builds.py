"""The builds of one run: none is tried twice, and all together have one bound on their time."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

import loracheck.quick_json as json
from loracheck.trees.build_error import BuildError
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from loracheck.trees.model import ModuleTree

SECONDS = 180.0
"""Processor time of all builds of a run; a usual one takes one or two."""

KEPT = 8
"""Trees that a process keeps in memory, for a cache on disk that cannot be written."""


class Builds:
    """What a run's builds cost, and why some failed."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._own: list[dict[str, Any]] = []
        self._file: int | None = None
        self._trees: dict[str, ModuleTree] = {}

    def share(self) -> None:
        """Keep the account in a file that the processes forked from this one have in common. Where
        no file can be had each goes by its own.
        """
        from tempfile import mkstemp

        if sys.platform == "win32":
            return
        try:
            self._file, path = mkstemp(prefix="loracheck-")
            os.unlink(path)
        except OSError:
            return

    def tree(
        self, key: str, build: Callable[[], ModuleTree], load: Callable[[], ModuleTree | None]
    ) -> ModuleTree:
        """The tree of that key: of `build`, or of `load` where another process has built it.

        Raises BuildError: the one of the first try, or that the run's time is used up.
        """
        if key not in self._trees:
            tree = self._load_or_build_tree(key, build, load)
            while len(self._trees) >= KEPT:
                del self._trees[next(iter(self._trees))]
            self._trees[key] = tree
        return self._trees[key]

    def _load_or_build_tree(
        self, key: str, build: Callable[[], ModuleTree], load: Callable[[], ModuleTree | None]
    ) -> ModuleTree:
        with self._lock_key(key):
            entries = self._read_entries()
            failed = next((each for each in entries if each.get("key") == key), None)
            if failed is not None:
                raise BuildError(failed["kind"], failed["reason"])
            tree = load() if self._file is not None else None
            if tree is not None:
                return tree
            if sum(each["seconds"] for each in entries) >= self._seconds:
                raise BuildError(
                    "out-of-time",
                    f"this run has spent its {self._seconds:g} s of processor time for building "
                    "trees",
                )
            return self._time_build(key, build)

    def _time_build(self, key: str, build: Callable[[], ModuleTree]) -> ModuleTree:
        before = _measure_child_seconds()
        try:
            tree = build()
        except BuildError as error:
            seconds = _measure_child_seconds() - before
            self._note(key=key, kind=error.kind, reason=error.reason, seconds=seconds)
            raise
        self._note(seconds=_measure_child_seconds() - before)
        return tree

    def _note(self, **entry: Any) -> None:
        if self._file is None:
            self._own.append(entry)
            return
        with self._lock_key(""):
            line = json.dumps(entry).encode() + b"\n"
            os.pwrite(self._file, line, os.fstat(self._file).st_size)

    def _read_entries(self) -> list[dict[str, Any]]:
        if self._file is None:
            return self._own
        text = os.pread(self._file, os.fstat(self._file).st_size, 0)
        return [json.loads(line) for line in text.splitlines()]

    @contextmanager
    def _lock_key(self, key: str) -> Iterator[None]:
        """Where processes share the account: one at a time for each key."""
        if self._file is None or sys.platform == "win32":
            yield
            return
        from fcntl import LOCK_EX, LOCK_UN, lockf
        from hashlib import sha256

        place = int.from_bytes(sha256(key.encode()).digest()[:7], "big")
        lockf(self._file, LOCK_EX, 1, place)
        try:
            yield
        finally:
            lockf(self._file, LOCK_UN, 1, place)


def _measure_child_seconds() -> float:
    """Processor seconds of the child processes that are over; where the system does not tell, the
    clock.
    """
    if sys.platform == "win32":
        from time import monotonic

        return monotonic()
    from resource import RUSAGE_CHILDREN, getrusage

    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
