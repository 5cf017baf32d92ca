"""Errors of the rooms below the command line, as click shows them. click itself is loaded where
there is one.
"""

from __future__ import annotations

from contextlib import contextmanager

from loracheck.options.errors import OptionError, SettingsError
from loracheck.reporters.sinks import log_line
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click


def build_usage_error(message: str) -> click.UsageError:
    """The error of options that make no sense together, status 2."""
    import click

    return click.UsageError(message)


def build_failure(message: str) -> click.ClickException:
    """What ends a run before it has a result: the reason on stderr, status 2."""
    from .failure import Failure

    return Failure(message)


def describe_fault(error: Exception) -> str:
    """One line for an exception that nothing has caught, with what to do about it."""
    words = log_line(str(error))[:200]
    return (
        f"internal error, {type(error).__name__}{': ' if words else ''}{words}; please report it "
        "with this file"
    )


@contextmanager
def raise_click_errors() -> Iterator[None]:
    """Raises a usage error for options that make no sense, and a failure for a settings file or a
    baseline that cannot be used.
    """
    try:
        yield
    except OptionError as error:
        raise build_usage_error(log_line(str(error))) from error
    except SettingsError as error:
        raise build_failure("\n".join(map(log_line, error.problems))) from error
