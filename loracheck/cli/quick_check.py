"""`loracheck check` without click, where the command line is plain."""

from __future__ import annotations

import os
import sys

from .check_paths import check_paths
from .check_table import CHECK_OPTIONS
from .plain_line import is_plain_environment, parse_plain_line


def try_quick_check(words: list[str]) -> None:
    """Check what the words of a command line say, and exit; return where click has to read them.
    What the run raises is told by click.
    """
    if words[:1] != ["check"] or not is_plain_environment(os.environ):
        return
    line = parse_plain_line(words[1:], CHECK_OPTIONS)
    if line is None:
        return
    try:
        status = check_paths(*line)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - click tells of each
        from . import cli

        cli(prog_name="loracheck", obj=error)
    else:
        sys.exit(status)
