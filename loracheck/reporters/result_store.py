"""`ResultStore`: results that a report goes through more than once, not all of them in memory."""

from __future__ import annotations

import contextlib

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from loracheck.results import FileResult

IN_MEMORY = 256
"""Results that are held in memory; each has its file's lines where there is a finding."""


class ResultStore:
    """Results in the order in which they were added; those over IN_MEMORY lie in a temporary file
    that has no name, so that nobody else can write it. Where there is no room for one all stay in
    memory.
    """

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._in_memory: float = in_memory
        self._results: list[FileResult] = []
        self._file: IO[bytes] | None = None
        self._starts: list[int] = []

    def add(self, result: FileResult) -> None:
        """Put one result behind the others."""
        self._results.append(result)
        if len(self._results) >= self._in_memory:
            self._write_out()

    def __iter__(self) -> Iterator[FileResult]:
        """All results; any number of times, also at once."""
        if self._file is not None:
            yield from self._read(self._file)
        yield from self._results

    def _read(self, file: IO[bytes]) -> Iterator[FileResult]:
        import pickle

        for start in self._starts:
            file.seek(start)
            yield from pickle.load(file)

    def close(self) -> None:
        """Give the disk back."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # what a full disk did not take
                self._file.close()
        self._file, self._starts, self._results = None, [], []

    def _write_out(self) -> None:
        import pickle
        from tempfile import TemporaryFile

        try:
            if self._file is None:
                self._file = TemporaryFile(prefix="loracheck-")  # noqa: SIM115 - kept open
            start = self._file.seek(0, 2)
            pickle.dump(self._results, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError:
            self._in_memory = float("inf")
            return
        self._starts.append(start)
        self._results = []
