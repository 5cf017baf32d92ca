"""`--transformers VERSION`, as every command takes it."""

from __future__ import annotations

from loracheck.releases.release_table import parse_release
from loracheck.type_checking import TYPE_CHECKING

from .option import Option

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def add_transformers_option(help: str) -> Callable[[Any], Any]:
    """The option, with what the command does with it as its help. A text that is no version is a
    usage error.
    """
    from .click_option import add_options

    return add_options([Option(("--transformers",), help, "VERSION", convert=parse_release)])
