"""The files of `loracheck batch`: records by chunks out of JSON Lines or Parquet, rows into either.

What is done of a long run is kept beside its target, in `TARGET.parts`, so that the same command
goes on where it was stopped.
"""

from __future__ import annotations

import json
import os
from itertools import islice

from loracheck.type_checking import TYPE_CHECKING

from .errors import build_failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, BinaryIO

MAX_LINE = 16 << 20
"""Longest line that is read, in bytes: a notebook's text as JSON."""

CHUNK = 64
"""Records that a process takes at a time."""

CHUNK_BYTES = 8 << 20
"""Bytes of lines from which on a chunk is not filled up: it is held in memory several times."""

PART = 5_000
"""Records of one part: some seconds of one core, and some megabytes."""

PARQUET = ".parquet"

NOTE = "run.json"
"""Name of the file of a folder of parts that says whose they are."""

UNFINISHED = "unfinished"
"""Name of the file of a folder of parts that is being written."""


class SourceError(Exception):
    """The records cannot be read any further; the message says why."""


def is_parquet(path: str) -> bool:
    """Whether a file is Parquet, by its name."""
    return path.lower().endswith(PARQUET)


def require_pyarrow(*paths: str) -> None:
    """Raises a failure where one of the files is Parquet and pyarrow is not installed."""
    if any(map(is_parquet, paths)):
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError:
            raise build_failure("Parquet needs pyarrow: pip install 'loracheck[parquet]'") from None


def read_chunks(stream: BinaryIO, parquet: bool, skip: int) -> Iterator[list[Any]]:
    """The records behind the first `skip`, CHUNK at a time: of JSON Lines the lines, of Parquet
    mappings. Raises SourceError.
    """
    items = islice(_read_rows(stream) if parquet else _read_lines(stream), skip, None)
    while chunk := list(_take_chunk(items)):
        yield chunk


def _take_chunk(items: Iterator[Any]) -> Iterator[Any]:
    """As many records as a process takes at a time."""
    size = 0
    for number, item in enumerate(items, 1):
        yield item
        size += len(item) if isinstance(item, bytes) else len(item.get("text") or "")
        if number == CHUNK or size > CHUNK_BYTES:
            return


def _read_lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines that are not empty; of one that is too long as much as shows it."""
    while line := stream.readline(MAX_LINE + 1):
        rest = line
        while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE + 1)
        if line.strip():
            yield line


def _read_rows(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from loracheck.api.arrow import INPUT

    try:
        schema = pq.read_schema(stream)
        stream.seek(0)
        columns = [name for name in INPUT if name in schema.names]
        # A text that stands in many rows is one object: a file of 600 bytes may have gigabytes.
        texts = [name for name in columns if _is_text(schema.field(name).type)]
        file = pq.ParquetFile(stream, pre_buffer=False, read_dictionary=texts)
        # Threads of Arrow's own would stand still in the processes that are forked.
        for batch in file.iter_batches(1024, columns=columns, use_threads=False):
            values = map(_list_values, batch.columns)
            for row in zip(*values, strict=True):
                yield dict(zip(batch.schema.names, row, strict=True))
    except (pa.ArrowException, OSError) as error:
        raise SourceError(str(error)) from error


def _is_text(kind: Any) -> bool:
    """Whether a column's type is one of texts or bytes of any length."""
    return str(kind) in ("string", "binary", "large_string", "large_binary")


def _list_values(column: Any) -> list[Any]:
    """The values of a column; those of a dictionary are made once."""
    dictionary = getattr(column, "dictionary", None)
    if dictionary is None:
        return list(column.to_pylist())
    values = dictionary.to_pylist()
    return [None if index is None else values[index] for index in column.indices.to_pylist()]


def read_id_type(source: str, stream: BinaryIO) -> Any:
    """The type of the ids of a Parquet file; None for another file. Raises a failure for what is
    none.
    """
    if not is_parquet(source):
        return None
    import pyarrow as pa
    import pyarrow.parquet as pq

    from loracheck.api.arrow import get_id_type

    try:
        schema = pq.read_schema(stream)
    except (pa.ArrowException, OSError) as error:
        raise build_failure(f"{source}: cannot be read: {error}") from error
    stream.seek(0)
    return get_id_type(schema)


class Parts:
    """The rows of a run that are done, in files of PART each; `run` tells it from another run."""

    def __init__(self, target: str, run: str, ids: Any = None) -> None:
        self.done = 0
        """Records whose rows are there."""

        self._target = target
        self._folder = f"{target}.parts"
        self._parquet = is_parquet(target)
        self._ids = ids
        self._waiting = 0
        self._rows: list[Any] = []
        self._lines_file: BinaryIO | None = None
        try:
            self._open(run)
        except ValueError as error:
            raise build_failure(f"{self._folder}: cannot be used: {error}") from error
        except OSError as error:
            raise build_failure(
                f"{target}: cannot be written: {error.strerror or error}"
            ) from error

    def _open(self, run: str) -> None:
        if os.path.isdir(self._folder):
            if self._is_of(run):
                self.done = PART * len(self._list_parts())
                return
            self._remove()
        os.mkdir(self._folder)
        with open(self._unfinished, "w", encoding="utf-8") as file:
            json.dump({"run": run}, file)
        os.replace(self._unfinished, self._note)

    def _is_of(self, run: str) -> bool:
        """Whether the folder has parts of this run. Raises ValueError for a folder of another
        command; one that was stopped before it had anything to keep leaves at most `unfinished`.
        """
        try:
            with open(self._note, encoding="utf-8") as file:
                return bool(json.load(file) == {"run": run})
        except FileNotFoundError:
            if {*os.listdir(self._folder)} <= {UNFINISHED}:
                return False
        except (OSError, ValueError):
            pass
        raise ValueError("it is no folder of this command: move it away")

    def write(self, rows: Iterable[Any]) -> None:
        """Take rows: mappings for Parquet, lines for JSON Lines."""
        for row in rows:
            self._take(row)
            if self._waiting == PART:
                self._end_part()

    def finish(self) -> None:
        """Make the target of all parts, and remove them. Raises OSError."""
        if self._waiting:
            self._end_part()
        if self._parquet:
            self._join_parquet()
        else:
            from loracheck.documents.replace_file import replace_file

            replace_file(self._target, self._read_all_lines())
        self._remove()

    def _list_parts(self) -> list[str]:
        """The parts, in their order."""
        names = sorted(name for name in os.listdir(self._folder) if name.startswith("part-"))
        return [os.path.join(self._folder, name) for name in names]

    def _take(self, row: Any) -> None:
        """Lines go to the disk at once; of Parquet a part is written as a whole."""
        self._waiting += 1
        if self._parquet:
            self._rows.append(row)
            return
        if self._lines_file is None:
            self._lines_file = open(self._unfinished, "wb")  # noqa: SIM115 - until the part ends
        self._lines_file.write(row)

    @property
    def _unfinished(self) -> str:
        return os.path.join(self._folder, UNFINISHED)

    @property
    def _note(self) -> str:
        return os.path.join(self._folder, NOTE)

    def _end_part(self) -> None:
        if self._lines_file is not None:
            self._lines_file.close()
            self._lines_file = None
        else:
            import pyarrow as pa
            import pyarrow.parquet as pq

            from loracheck.api.arrow import arrow_schema

            pq.write_table(
                pa.Table.from_pylist(self._rows, arrow_schema(self._ids)), self._unfinished
            )
        path = os.path.join(self._folder, f"part-{len(self._list_parts()):08}")
        os.replace(self._unfinished, path)
        self._rows, self._waiting = [], 0

    def _read_all_lines(self) -> Iterator[bytes]:
        for path in self._list_parts():
            with open(path, "rb") as file:
                yield from file

    def _join_parquet(self) -> None:
        import pyarrow.parquet as pq

        from loracheck.api.arrow import arrow_schema

        whole = os.path.join(self._folder, "whole")
        with pq.ParquetWriter(whole, arrow_schema(self._ids)) as writer:
            for path in self._list_parts():
                writer.write_table(pq.read_table(path))
        os.replace(whole, self._target)

    def _remove(self) -> None:
        """Remove all; whenever that is stopped, the parts that are left are the first ones, and as
        long as there is one it is known whose they are.
        """
        for path in reversed(self._list_parts()):
            os.unlink(path)
        for name in sorted(os.listdir(self._folder), key=lambda name: name == NOTE):
            os.unlink(os.path.join(self._folder, name))
        os.rmdir(self._folder)
