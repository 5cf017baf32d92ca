"""`loracheck check` as click has it: `check_table.py` has the options, `check_paths.py` does the
work. A plain command line is run without click (`quick_check.py`).
"""

from __future__ import annotations

import sys

import click

from loracheck.type_checking import TYPE_CHECKING

from .check_paths import check_paths
from .check_table import CHECK_OPTIONS, ENVIRONMENT
from .click_option import add_options

if TYPE_CHECKING:
    from typing import Any


@click.command("check", context_settings={"auto_envvar_prefix": ENVIRONMENT})
@click.argument("paths", nargs=-1, metavar="[PATH|-]...")
@add_options(CHECK_OPTIONS)
@click.pass_obj
def command(fault: BaseException | None, /, paths: tuple[str, ...], **values: Any) -> None:
    """Lint LoRA configs.

    Directories are searched for JSON, YAML, TOML and Python files, notebooks and shell scripts;
    what sets no LoRA up is skipped.

    Exit status: 0 nothing at or above --fail-on, 1 findings, 2 usage or an unreadable input, 3 with
    --strict when something could not be judged.
    """
    if fault is not None:  # what the run has raised, for click to tell
        raise fault
    sys.exit(check_paths(paths, values))
