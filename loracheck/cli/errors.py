"""Errors of the rooms below the command line, as click shows them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from loracheck.options.errors import OptionError, SettingsError
from loracheck.reporters.sinks import log_line

if TYPE_CHECKING:
    from collections.abc import Iterator


class Failure(click.ClickException):
    """What ends a run before it has a result: the reason on stderr, status 2."""

    exit_code = 2


def describe_fault(error: Exception) -> str:
    """One line for an exception that nothing has caught, with what to do about it."""
    words = log_line(str(error))[:200]
    return (
        f"internal error, {type(error).__name__}{': ' if words else ''}{words}; please report it "
        "with this file"
    )


@contextmanager
def click_errors() -> Iterator[None]:
    """Raises a usage error for options that make no sense, and a Failure for a settings file or a
    baseline that cannot be used.
    """
    try:
        yield
    except OptionError as error:
        raise click.UsageError(log_line(str(error))) from error
    except SettingsError as error:
        raise Failure("\n".join(map(log_line, error.problems))) from error
