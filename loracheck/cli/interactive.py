"""`loracheck explain` without a topic, or with -i: the explorer, or what stands in for it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from .check_options import merged
from .stderr import stop

if TYPE_CHECKING:
    from .check_options import Asked


def opens(topics: tuple[str, ...], asked: Asked) -> bool:
    """Open what the topic names, or ask for it; False where only a page can be printed.

    Ends the run with status 2 where there is neither a topic nor somebody to ask.
    """
    from loracheck.explorer.launch import TOPICS, form

    if form() == "text":
        if topics:
            return False
        click.echo(TOPICS)
        sys.exit(2)
    if len(topics) > 1:
        raise click.UsageError("-i takes one config file, or a model for a new config")
    _open(topics[0] if topics else None, asked)
    return True


def _open(topic: str | None, asked: Asked) -> None:
    from loracheck.explorer.launch import interact
    from loracheck.explorer.view_options import Look

    # What the command line says of model and release can be changed in the explorer.
    settings = merged(asked._replace(model=None), (topic or os.curdir,))
    reason = interact(topic, Look(asked.model, asked.peft, jobs=settings.job))
    if reason is not None:
        stop(reason)
