"""Lines on standard error. They may hold words of a linted file, which are made printable."""

from __future__ import annotations

import sys

from loracheck.documents.model import DocumentError
from loracheck.reporters.sinks import log_line
from loracheck.type_checking import TYPE_CHECKING

from .echo import echo

if TYPE_CHECKING:
    from typing import NoReturn


def warn(line: str) -> None:
    """Print one line on standard error."""
    echo(log_line(line), err=True)


def fail(reason: str, help: str | None = None, status: int = 2) -> NoReturn:
    """Print the reason, and how to mend it, and exit with the status."""
    warn(f"error: {reason}")
    if help:
        warn(f"help: {help}")
    sys.exit(status)


def describe_read_error(path: str, error: DocumentError | OSError) -> str:
    """Why a file cannot be read, with the place where the text is at fault."""
    if isinstance(error, OSError):
        return f"{path} cannot be read: {error.strerror or error}"
    return f"{path}:{error.span.line}:{error.span.column}: {error.reason}"
