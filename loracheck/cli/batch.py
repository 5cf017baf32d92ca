"""`loracheck batch`: a file of records in, a file of rows out, a JSON object a line."""

from __future__ import annotations

import json
import sys
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from loracheck.api.batch import batch

from .complete_models import complete_models
from .errors import click_errors, failure
from .parallel import fork_map, process_count
from .progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

MAX_LINE = 16 << 20
"""Longest line that is read, in bytes: a notebook's text as JSON."""

CHUNK = 64
"""Records that a process takes at a time."""


@click.command("batch")
@click.argument("source", metavar="IN.jsonl|-")
@click.argument("target", metavar="OUT.jsonl|-")
@click.option("--model", metavar="ID", shell_complete=complete_models,
              help="Judge every config against this known model.")  # fmt: skip
@click.option("--peft", metavar="VERSION", help="Judge by this PEFT release (default: newest).")
@click.option("--transformers", metavar="VERSION",
              help="Judge by this transformers release (default: newest).")  # fmt: skip
@click.option("--serve", multiple=True, metavar="ENGINE[==VERSION]",
              help="Also say what this server or converter refuses.")  # fmt: skip
@click.option("--select", multiple=True, metavar="CODES", help="Run these rules only.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N",
              help="Processes to use (default: one per core).")  # fmt: skip
def command(source: str, target: str, jobs: int | None, **options: Any) -> None:
    """Check the configs of a file, one a line.

    Each line is an object with `text`, or `config` with the values themselves, and, as wanted,
    `path` (default: adapter_config.json) and `id`. Each gives a line with `findings` and
    `settings`, or the `reason` why it cannot be read. Nothing of this machine counts but loracheck
    itself, and memory does not grow with the file.

    Exit status: 0, whatever is found; 2 where a file cannot be read or written.
    """
    options = {name: value or None for name, value in options.items()}
    options["serve"] = options["serve"] or ()
    with click_errors():
        batch([], **options)  # options that make no sense are told before anything is read
    counts = _Counts()
    stream = _open(source)
    with stream:
        _write(target, _check_all(_read_lines(stream), partial(batch, **options), jobs, counts))
    click.echo(
        f"{counts.records:,} records, {counts.findings:,} findings, "
        f"{counts.unreadable:,} could not be read", err=True,
    )  # fmt: skip


class _Counts:
    def __init__(self) -> None:
        self.records = self.findings = self.unreadable = 0


def _open(source: str) -> BinaryIO:
    from loracheck.documents.model import DocumentError
    from loracheck.documents.source import open_regular

    if source == "-":
        return sys.stdin.buffer
    try:
        return open_regular(source, anywhere=True)
    except (OSError, DocumentError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise failure(f"{source}: cannot be read: {reason}") from error


def _read_lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines that are not empty; of one that is too long as much as shows it."""
    while line := stream.readline(MAX_LINE + 1):
        rest = line
        while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE + 1)
        if line.strip():
            yield line


def _check_all(
    lines: Iterator[bytes],
    check: Callable[[list[Any]], list[dict[str, Any]]],
    jobs: int | None,
    counts: _Counts,
) -> Iterator[bytes]:
    first = list(islice(lines, CHUNK))
    number = 1 if len(first) < CHUNK else process_count(jobs, 1 << 20)
    progress = Progress("records", shown=True)
    for rows in fork_map(partial(_check_lines, check), _in_chunks(first, lines), number):
        for row, findings, unreadable in rows:
            counts.records += 1
            counts.findings += findings
            counts.unreadable += unreadable
            progress.step()
            yield row
    progress.end()


def _in_chunks(first: list[bytes], lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    while first:
        yield first
        first = list(islice(lines, CHUNK))


def _check_lines(
    check: Callable[[list[Any]], list[dict[str, Any]]], lines: list[bytes]
) -> list[tuple[bytes, int, bool]]:
    """For each line its row as JSON, the number of findings, and whether it could not be read."""
    rows = check([_record(line) for line in lines])
    return [
        (json.dumps(row).encode() + b"\n", len(row["findings"]), row["reason"] is not None)
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


def _write(target: str, rows: Iterable[bytes]) -> None:
    from loracheck.documents.replace_file import replace_file

    if target == "-":
        for row in rows:
            sys.stdout.buffer.write(row)
        sys.stdout.buffer.flush()
        return
    try:
        replace_file(target, rows)
    except OSError as error:
        raise failure(f"{target}: cannot be written: {error.strerror or error}") from error
