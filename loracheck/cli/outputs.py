"""`--format` and `--output-file`: in which formats a run reports, and where to."""

from __future__ import annotations

import os
import sys

from loracheck.named_tuple import NamedTuple
from loracheck.reporters import FORMATS
from loracheck.type_checking import TYPE_CHECKING

from .errors import build_failure, build_usage_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


MAX_LIST = 256 << 20
"""Largest list of paths for --files-from, in bytes: some millions of paths."""


class Output(NamedTuple):
    """One report of a run."""

    format: str
    """Name of a reporter."""

    file: str
    """The file that it is written to; empty for standard output."""


def parse_output(text: str) -> Output:
    """The output that `FORMAT` or `FORMAT=FILE` names. Raises ValueError for any other text."""
    name, equals, file = text.partition("=")
    if name not in FORMATS:
        raise ValueError(f"{name!r} is not one of {', '.join(FORMATS)}.")
    if equals and not file:
        raise ValueError(f"{text!r} names no file.")
    return Output(name, file)


def find_standard_format(outputs: Sequence[Output]) -> str | None:
    """The format of the report on standard output; None where the options do not say. Raises a
    usage error for two.
    """
    names = [output.format for output in outputs if not output.file]
    if len(names) > 1:
        raise build_usage_error(
            f"two reports for standard output: write one to a file, --format {names[1]}=FILE"
        )
    return names[0] if names else None


def write_report(file: str, lines: Iterable[str]) -> None:
    """Write a report's lines to a file, all of them or none. Raises a failure where that fails."""
    from loracheck.documents.replace_file import replace_file

    try:
        # A file name that is no UTF-8 is kept by its bytes, as Python writes it in a path.
        replace_file(file, _encode_lines(lines))
    except OSError as error:
        raise build_failure(f"{file}: cannot be written: {error.strerror}") from error


def _encode_lines(lines: Iterable[str]) -> Iterator[bytes]:
    empty = True
    for line in lines:
        yield f"{line}\n".encode("utf-8", "surrogateescape")
        empty = False
    if empty:
        yield b"\n"


def read_paths(source: str) -> tuple[str, ...]:
    """The paths of `--files-from`: a line each, or divided by null characters as `find -print0` and
    `git diff -z` print them; `-` is standard input. Raises a failure for what cannot be read.
    """
    from loracheck.documents.model import DocumentError
    from loracheck.documents.source import load

    try:
        data = sys.stdin.buffer.read() if source == "-" else load(source, MAX_LIST, anywhere=True)
    except (OSError, DocumentError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise build_failure(f"{source}: cannot be read: {reason}") from error
    parts = data.split(b"\0") if b"\0" in data else data.splitlines()
    return tuple(os.fsdecode(part) for part in parts if part.strip())
