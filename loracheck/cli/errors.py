"""Errors of the rooms below the command line, as click shows them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from loracheck.options.errors import OptionError, SettingsError
from loracheck.reporters.text import make_printable

if TYPE_CHECKING:
    from collections.abc import Iterator


class Failure(click.ClickException):
    """What ends a run before it has a result: the reason on stderr, status 2."""

    exit_code = 2


@contextmanager
def click_errors() -> Iterator[None]:
    """Raises a usage error for options that make no sense, and a Failure for a settings file or a
    baseline that cannot be used.
    """
    try:
        yield
    except OptionError as error:
        raise click.UsageError(make_printable(str(error))) from error
    except SettingsError as error:
        raise Failure("\n".join(map(make_printable, error.problems))) from error
