"""`loracheck --help` without click, whose import is three quarters of the command's time: the page
is kept as text, as click writes it for a terminal of 80 columns or more.
"""

from __future__ import annotations

import os
import sys

from .plain_line import is_plain_environment

FILE = os.path.join(os.path.dirname(__file__), "help.txt")
"""The page; `make generated` writes it."""

WIDTH = 80
"""Columns from which click's pages get no wider (click 8, `HelpFormatter`)."""


def try_quick_help(words: list[str]) -> None:
    """Print the page and exit; return where click has to write it."""
    if words not in (["--help"], ["-h"]) or not is_plain_environment(os.environ):
        return
    if _count_columns() < WIDTH:
        return
    try:
        with open(FILE, encoding="ascii") as file:
            page = file.read()
    except (OSError, ValueError):  # left out of somebody's archive
        return
    sys.stdout.write(page)
    sys.exit(0)


def _count_columns() -> int:
    """As `shutil.get_terminal_size`, whose module is a large one."""
    try:
        columns = int(os.environ.get("COLUMNS", "0"))
    except ValueError:
        columns = 0
    if columns > 0:
        return columns
    try:
        return os.get_terminal_size(1).columns or WIDTH
    except OSError:  # standard output is no terminal
        return WIDTH


def build_help_page() -> str:
    """The page as click writes it."""
    from click import Context

    from . import cli

    names = cli.context_settings["help_option_names"]
    context = Context(cli, info_name="loracheck", terminal_width=WIDTH - 2, help_option_names=names)
    return f"{cli.get_help(context)}\n"


if __name__ == "__main__":
    with open(FILE, "w", encoding="ascii", newline="\n") as file:
        file.write(build_help_page())
