"""`--version`, and with `-v` what builds module trees here and what keeps it in."""

from __future__ import annotations

import sys

import click

from loracheck.type_checking import TYPE_CHECKING
from loracheck.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_VERBOSE = f"{__name__}.verbose"


def add_version_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options for a command. `-v` is read first, wherever it stands."""
    version = click.option(
        "--version",
        is_flag=True,
        expose_value=False,
        callback=_show_version,
        help="Show the version and exit.",
    )
    verbose = click.option(
        "-v",
        "--verbose",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_remember,
        help="With --version: also what builds module trees, and what it may not do.",
    )
    return version(verbose(command))


def _remember(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[_VERBOSE] = value


def _show_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if not value or context.resilient_parsing:
        return
    click.echo(f"loracheck, version {__version__}")
    if context.meta[_VERBOSE]:
        click.echo(_describe_builder())
    context.exit()


def _describe_builder() -> str:
    """What a build in this installation is done by and bounded by, as a build itself finds it."""
    from loracheck.trees.build_error import BuildError
    from loracheck.trees.child import ask

    try:
        answer = ask({"describe": True})
    except BuildError as error:
        return f"tree builder: none ({error.reason})"
    if not answer["ok"]:
        return f"tree builder: none ({answer['reason']})"
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"tree builder: transformers {answer['version']}, Python {python}\n"
        f"sandbox: {', '.join(answer['layers'])}"
    )
