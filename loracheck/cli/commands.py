"""The commands as click has them: each is one module, which is imported when it is called."""

from __future__ import annotations

import errno
import os
from importlib import import_module

import click

from loracheck.type_checking import TYPE_CHECKING

from .version import add_version_options

if TYPE_CHECKING:
    from typing import Any

COMMANDS = {
    "check": "Lint LoRA configs: files, directories, or - for standard input.",
    "explain": "Explain a config file, a field, a rule or a model; or compare two configs.",
    "init": "Write a LoRA config for a model that passes its own checks.",
    "tree": "Show a model's module tree and what LoRA can wrap in it.",
    "models": "List the model ids that loracheck knows.",
    "batch": "Check a file of many configs (JSON Lines or Parquet).",
    "lock": "Keep the judged models' module trees beside the configs.",
    "rules": "List the rules.",
    "lsp": "Serve the checks to an editor (Language Server Protocol).",
    "mcp": "Serve the checks to a coding agent (Model Context Protocol).",
    "schema": "Print a JSON Schema for editors and other tools.",
}


INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells give it (128 and the signal's number): 1 means findings."""


class Commands(click.Group):
    """A group that imports a command only when it is named."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. An output that cannot be written is said, a closed pipe is click's, and
        a fault of our own is one line and status 2: 1 would mean findings.
        """
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            from .suggestions import drop_wild_guesses

            raise drop_wild_guesses(error) from None
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            what = f"{error.filename}: " if error.filename else ""
            from .errors import build_failure

            raise build_failure(f"{what}{error.strerror or error}") from error
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            # A fault of ours ends with a sentence to report, never with a traceback.
            from .errors import build_failure, describe_fault

            raise build_failure(describe_fault(error)) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names. Raises a usage error, with what may have been
        meant, where it names none.
        """
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from .suggestions import describe_unknown_command

            raise click.UsageError(describe_unknown_command(args[0], COMMANDS), ctx)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All command names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command's own module's `command`."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"{__package__}.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _compute_help_width() -> int:
    """Columns of a help text, by click's own rule: asked in its way, `shutil` and the libraries of
    compression would be imported for it.
    """
    width_text = os.environ.get("COLUMNS", "")
    columns = int(width_text) if width_text.isdecimal() else 0
    if not columns:
        try:
            columns = os.get_terminal_size(1).columns or 80
        except OSError:  # no terminal
            columns = 80
    return max(min(columns, 80) - 2, 50)


@click.group(
    cls=Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "terminal_width": _compute_help_width(),
    },
)
@add_version_options
def cli() -> None:
    """Check LoRA configs against every field of PEFT and the model's real modules, before any GPU
    is rented.
    """
