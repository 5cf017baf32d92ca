"""`loracheck explain` without a topic, or with -i: opens the explorer, or the plain dialogue in a
terminal that cannot draw it.
"""

from __future__ import annotations

import os
import sys

import click

from loracheck.type_checking import TYPE_CHECKING

from .check_options import run_settings
from .stderr import fail

if TYPE_CHECKING:
    from loracheck.options.run_options import RunOptions


def open_explorer(topics: tuple[str, ...], options: RunOptions) -> bool:
    """Open the file or model that the topic names, or ask for one; False where only a page can be
    printed.

    Ends the run with status 2 where there is neither a topic nor somebody to ask.
    """
    from loracheck.explorer.launch import TOPICS_HELP, choose_interface

    if choose_interface() == "text":
        if topics:
            return False
        click.echo(TOPICS_HELP)
        sys.exit(2)
    if len(topics) > 1:
        raise click.UsageError("-i takes one config file, or a model for a new config")
    _open(topics[0] if topics else None, options)
    return True


def _open(topic: str | None, options: RunOptions) -> None:
    from loracheck.explorer.launch import interact
    from loracheck.explorer.view_options import ViewOptions

    # What the command line says of model and release can be changed in the explorer.
    settings = run_settings(options._replace(model=None), (topic or os.curdir,))
    view_options = ViewOptions(options.model, options.peft, lint_settings=settings.for_path)
    reason = interact(topic, view_options)
    if reason is not None:
        fail(reason)
