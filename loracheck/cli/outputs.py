"""`--format` and `--output-file`: in which formats a run reports, and where to."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from loracheck.reporters import FORMATS

from .errors import Failure

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


class OutputType(click.ParamType):  # type: ignore[type-arg]  # no generic before click 8.3
    """`FORMAT` or `FORMAT=FILE`."""

    name = "format"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Output:
        """The output that a word names. Raises click's BadParameter for an unknown format."""
        if isinstance(value, Output):
            return value
        name, equals, file = str(value).partition("=")
        if name not in FORMATS:
            self.fail(f"{name!r} is not one of {', '.join(FORMATS)}.", param, ctx)
        if equals and not file:
            self.fail(f"{value!r} names no file.", param, ctx)
        return Output(name, file)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """For the help."""
        return f"[{'|'.join(FORMATS)}][=FILE]"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """The formats that begin so."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in FORMATS if name.startswith(incomplete)]


def standard_format(outputs: Sequence[Output]) -> str | None:
    """The format of the report on standard output; None where the options do not say. Raises a
    usage error for two.
    """
    names = [output.format for output in outputs if not output.file]
    if len(names) > 1:
        raise click.UsageError(
            f"two reports for standard output: write one to a file, --format {names[1]}=FILE"
        )
    return names[0] if names else None


def write_report(file: str, lines: Iterable[str]) -> None:
    """Write a report's lines to a file, all of them or none. Raises Failure where that fails."""
    from loracheck.documents.replace_file import replace_file

    try:
        # A file name that is no UTF-8 is kept by its bytes, as Python writes it in a path.
        replace_file(file, _encode_lines(lines))
    except OSError as error:
        raise Failure(f"{file}: cannot be written: {error.strerror}") from error


def _encode_lines(lines: Iterable[str]) -> Iterator[bytes]:
    empty = True
    for line in lines:
        yield f"{line}\n".encode("utf-8", "surrogateescape")
        empty = False
    if empty:
        yield b"\n"


def read_paths(source: str) -> tuple[str, ...]:
    """The paths of `--files-from`: a line each, or divided by null characters as `find -print0` and
    `git diff -z` print them; `-` is standard input. Raises Failure for what cannot be read.
    """
    from loracheck.documents.model import DocumentError
    from loracheck.documents.source import load

    try:
        data = sys.stdin.buffer.read() if source == "-" else load(source, MAX_LIST, anywhere=True)
    except (OSError, DocumentError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise Failure(f"{source}: cannot be read: {reason}") from error
    parts = data.split(b"\0") if b"\0" in data else data.splitlines()
    return tuple(os.fsdecode(part) for part in parts if part.strip())
