"""click's type of `--format`."""

from __future__ import annotations

import click

from loracheck.reporters import FORMATS
from loracheck.type_checking import TYPE_CHECKING

from .outputs import Output, parse_output

if TYPE_CHECKING:
    from typing import Any


class OutputType(click.ParamType):  # type: ignore[type-arg]  # no generic before click 8.3
    """`FORMAT` or `FORMAT=FILE`."""

    name = "format"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Output:
        """The output that a word names. Raises click's BadParameter for an unknown format."""
        if isinstance(value, Output):
            return value
        try:
            return parse_output(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """For the help."""
        return f"[{'|'.join(FORMATS)}][=FILE]"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """The formats that begin so."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in FORMATS if name.startswith(incomplete)]
