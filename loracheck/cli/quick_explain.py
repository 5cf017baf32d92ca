"""`loracheck explain TOPIC` without click, which costs three times as much as starting Python."""

from __future__ import annotations

import os
import sys

from loracheck.options.run_options import RunOptions

from .echo import echo
from .plain_line import is_plain_environment
from .topics import render_topic


def try_quick_explain(words: list[str]) -> None:
    """Print the page of a command line of one topic and no option, and exit; return where click has
    to read the words. What is raised is told by click.
    """
    if len(words) != 2 or words[0] != "explain" or words[1].startswith("-"):
        return
    if not is_plain_environment(os.environ):
        return
    try:
        text = render_topic(words[1], RunOptions(), "text")
        echo(text, color=True)  # it holds colours only where they are wanted
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - click tells of each
        from . import cli

        cli(prog_name="loracheck", obj=error)
    else:
        sys.exit(0)
