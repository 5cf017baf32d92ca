"""`--transformers VERSION`, as every command takes it."""

from __future__ import annotations

import click

from loracheck.trees.bundle import line


def checked(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The version, or the beginning of one; a usage error for anything else."""
    if value is None:
        return None
    try:
        return line(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error
