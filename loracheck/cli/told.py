"""What the commands say on standard error. Words of files end up there: they stay in their line."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

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
