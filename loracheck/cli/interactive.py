"""`loracheck explain` without a topic, or with -i: the explorer, or what stands in for it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from .asked import merged

if TYPE_CHECKING:
    from .asked import Asked


def opens(topics: tuple[str, ...], asked: Asked) -> bool:
    """Open the file among the topics, or ask for one; False where only a page can be printed.

    Ends the run with status 2 where there is neither a topic nor somebody to ask.
    """
    from loracheck.explain.interactive import TOPICS, form

    if form() == "text":
        if topics:
            return False
        click.echo(TOPICS)
        sys.exit(2)
    if len(topics) > 1 or (topics and not os.path.isfile(topics[0])):
        raise click.UsageError("-i takes one config file")
    _open(topics[0] if topics else None, asked)
    return True


def _open(path: str | None, asked: Asked) -> None:
    from loracheck.documents.model import DocumentError
    from loracheck.explain.explorer.look import Look
    from loracheck.explain.explorer.state import NoSettingError
    from loracheck.explain.interactive import interact

    # What the command line says of model and release can be changed in the explorer.
    settings = merged(asked._replace(model=None), (path or os.curdir,))
    look = Look(asked.model, asked.peft, jobs=settings.job)
    try:
        interact(path, look)
    except DocumentError as error:
        _stop(f"{path}:{error.span.line}:{error.span.column}: {error.reason}")
    except OSError as error:
        _stop(f"{path} cannot be read: {error.strerror or error}")
    except NoSettingError as error:
        _stop(str(error))


def _stop(reason: str) -> None:
    click.echo(f"error: {reason}", err=True)
    sys.exit(2)
