"""`loracheck batch`: a file of records in, a file of rows out, as JSON Lines or Parquet."""

from __future__ import annotations

import json
import os
import sys
from functools import partial

import click

from loracheck.api.batch import batch
from loracheck.type_checking import TYPE_CHECKING
from loracheck.version import __version__

from .batch_files import (
    MAX_LINE,
    Parts,
    SourceError,
    is_parquet,
    read_chunks,
    read_id_type,
    require_pyarrow,
)
from .completion import complete_engines, complete_models, complete_rules
from .errors import build_failure, raise_click_errors
from .parallel import count_processes, map_in_processes
from .progress import Progress
from .stderr import warn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, BinaryIO

    Check = Callable[[list[Any]], list[dict[str, Any]]]


@click.command("batch")
@click.argument("source", metavar="IN.jsonl|IN.parquet|-")
@click.argument("target", metavar="OUT.jsonl|OUT.parquet|-")
@click.option("--model", metavar="ID", shell_complete=complete_models,
              help="Judge every config against this known model.")  # fmt: skip
@click.option("--peft", metavar="VERSION", help="Judge by this PEFT release (default: newest).")
@click.option("--transformers", metavar="VERSION",
              help="Judge by this transformers release (default: newest).")  # fmt: skip
@click.option("--serve", multiple=True, metavar="ENGINE[==VERSION]",
              shell_complete=complete_engines,
              help="Also say what this server or converter refuses.")  # fmt: skip
@click.option(
    "--select",
    multiple=True,
    metavar="CODES",
    help="Run these rules only.",
    shell_complete=complete_rules,
)
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N",
              help="Processes to use (default: one per core).")  # fmt: skip
def command(source: str, target: str, jobs: int | None, **options: Any) -> None:
    """Check the configs of a file, one a record.

    Each line of JSON Lines is an object with `text`, or `config` with the values themselves, and,
    as wanted, `path` (default: adapter_config.json) and `id`; Parquet has these as columns, but
    `config`. Each gives a row with `findings` and `settings`, or the `reason` why it cannot be
    read. Nothing of this machine counts but loracheck itself, and memory does not grow with the
    file. A run that was stopped goes on where it was when the same command is given again.

    Exit status: 0, whatever is found; 2 where a file cannot be read or written.
    """
    options = {name: value or None for name, value in options.items()}
    options["serve"] = options["serve"] or ()
    with raise_click_errors():
        batch([], **options)  # options that make no sense are told before anything is read
    require_pyarrow(source, target)
    counts = _Counts()
    with _open(source) as stream:
        if target == "-":
            check = partial(batch, **options)
            _write_out(_check_all(stream, source, check, jobs, counts, lines=True))
        else:
            _write(source, target, stream, options, jobs, counts)
    click.echo(
        f"{counts.records:,} records, {counts.findings:,} findings, "
        f"{counts.unreadable:,} could not be read", err=True,
    )  # fmt: skip


class _Counts:
    def __init__(self) -> None:
        self.records = self.findings = self.unreadable = 0
        self.skip = 0
        """Records that an earlier run has checked."""


def _open(source: str) -> BinaryIO:
    from loracheck.documents.model import DocumentError
    from loracheck.documents.source import open_regular

    if source == "-":
        return sys.stdin.buffer
    try:
        return open_regular(source, anywhere=True)
    except (OSError, DocumentError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise build_failure(f"{source}: cannot be read: {reason}") from error


def _write_out(chunks: Iterable[list[Any]]) -> None:
    """Print lines."""
    for lines in chunks:
        sys.stdout.buffer.writelines(lines)
    sys.stdout.buffer.flush()


def _write(
    source: str,
    target: str,
    stream: BinaryIO,
    options: dict[str, Any],
    jobs: int | None,
    counts: _Counts,
) -> None:
    """Write rows to a file by way of its parts."""
    parts = Parts(target, _describe_run(source, stream, options), read_id_type(source, stream))
    counts.skip = parts.done
    if parts.done:
        warn(f"note: going on behind the first {parts.done:,} records, which are done")
    lines = not is_parquet(target)
    try:
        check = partial(batch, **options)
        for rows in _check_all(stream, source, check, jobs, counts, lines=lines):
            parts.write(rows)
        parts.finish()
    except OSError as error:
        raise build_failure(f"{target}: cannot be written: {error.strerror or error}") from error


def _describe_run(source: str, stream: BinaryIO, options: dict[str, Any]) -> str:
    """What tells a run from another one: its records, options, and the release that checks."""
    status = os.fstat(stream.fileno()) if source != "-" else None
    file = status and [os.path.abspath(source), status.st_size, status.st_mtime_ns, status.st_ino]
    return json.dumps([__version__, file or os.urandom(8).hex(), options], sort_keys=True)


def _check_all(
    stream: BinaryIO, source: str, check: Check, jobs: int | None, counts: _Counts, *, lines: bool
) -> Iterator[list[Any]]:
    """The rows of a chunk at a time: lines of JSON, or mappings."""
    chunks = read_chunks(stream, is_parquet(source), counts.skip)
    progress = Progress("records", visible=True)
    try:
        for rows in _map(partial(_check_chunk, check, lines), chunks, jobs):
            for _, findings, unreadable in rows:
                counts.records += 1
                counts.findings += findings
                counts.unreadable += unreadable
                progress.step()
            yield [row for row, _, _ in rows]
    except SourceError as error:
        raise build_failure(f"{source}: cannot be read: {error}") from error
    progress.end()


def _map(
    check: Callable[[list[Any]], list[Any]], chunks: Iterator[list[Any]], jobs: int | None
) -> Iterator[list[Any]]:
    """`check` of each chunk; the first one by itself, as many a file has no more."""
    number = count_processes(jobs, 1 << 20)
    if number > 1 and jobs is None:
        first = next(chunks, [])
        yield check(first)
        second = next(chunks, None)
        if second is None:
            return
        chunks = _prepend_chunk(second, chunks)
    yield from map_in_processes(check, chunks, number)


def _prepend_chunk(first: list[Any], others: Iterator[list[Any]]) -> Iterator[list[Any]]:
    yield first
    yield from others


def _check_chunk(check: Check, lines: bool, records: list[Any]) -> list[tuple[Any, int, bool]]:
    """For each record its row, the number of findings, and whether it could not be read."""
    plain = any(isinstance(one, bytes) for one in records)
    rows = check([_record(one) if isinstance(one, bytes) else one for one in records])
    if plain and not lines:  # a column has one type, which lines need not have
        rows = [{**row, "id": None if row["id"] is None else str(row["id"])} for row in rows]
    return [
        (
            json.dumps(row, default=str).encode() + b"\n" if lines else row,
            len(row["findings"]),
            row["reason"] is not None,
        )
        for row in rows
    ]


def _record(line: bytes) -> Any:
    """The record of a line; what is none is left for `batch` to say."""
    if len(line) > MAX_LINE:
        return {"text": None}
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return "text that is no JSON"
    if isinstance(record, dict) and "text" not in record and "config" in record:
        record["text"] = json.dumps(record["config"], indent=2)
    return record
