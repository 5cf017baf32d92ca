"""`Failure`: what ends a run before it has a result."""

from __future__ import annotations

import click


class Failure(click.ClickException):
    """click prints the reason on standard error, and ends with status 2."""

    exit_code = 2
