"""What the commands say on standard error. Words of files end up there: they stay in their line."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from loracheck.documents.model import DocumentError
from loracheck.reporters.text import printed


def tell(line: str) -> None:
    """One line on standard error."""
    click.echo(printed(line), err=True)


def stop(reason: str, help: str | None = None, status: int = 2) -> NoReturn:
    """Say why, and how to mend it, and exit with the status."""
    tell(f"error: {reason}")
    if help:
        tell(f"help: {help}")
    sys.exit(status)


def unread(path: str, error: DocumentError | OSError) -> str:
    """Why a file cannot be read, with the place where the text is at fault."""
    if isinstance(error, OSError):
        return f"{path} cannot be read: {error.strerror or error}"
    return f"{path}:{error.span.line}:{error.span.column}: {error.reason}"
