"""`--transformers VERSION`, as every command takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from loracheck.releases.known import parse_release

if TYPE_CHECKING:
    from collections.abc import Callable


def transformers_option(help: str) -> Callable[[Any], Any]:
    """The option, with what the command does with it as its help. A text that is no version is a
    usage error.
    """
    return click.option("--transformers", callback=_check_version, metavar="VERSION", help=help)


def _check_version(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The version, or the beginning of one; a usage error for anything else."""
    if value is None:
        return None
    try:
        return parse_release(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error
