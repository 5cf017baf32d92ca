"""`loracheck check`: the options and their help; `run.py` does the work."""

from __future__ import annotations

import sys
from typing import Any

import click

from .check_options import STDIN, check_options, check_reason
from .complete_models import complete_models
from .outputs import OutputType, read_paths
from .run import run
from .transformers_option import transformers_option


@click.command("check", context_settings={"auto_envvar_prefix": "LORACHECK"})
@click.argument("paths", nargs=-1, metavar="[PATH|-]...")
@click.option(
    "--model",
    metavar="ID|DIR|FILE",
    shell_complete=complete_models,
    help="Judge every config against this model.",
)
@click.option(
    "--peft", metavar="VERSION", help="Judge by this PEFT release (default: as for --transformers)."
)
@transformers_option(
    "Judge by this transformers release (default: pinned, installed or newest; docs/trees.md)."
)
@click.option(
    "--serve",
    multiple=True,
    metavar="ENGINE[==VERSION]",
    help="Also say what this server or converter refuses: vllm, sglang, llama.cpp, ...; `all` adds "
    "a table of what each known one makes of the adapter.",
)
@click.option(
    "--policy",
    multiple=True,
    metavar="FILE",
    help="Hold every setting against this JSON Schema too (docs/policies.md).",
)
@click.option(
    "--python",
    metavar="PATH",
    help="Judge by the releases of this interpreter, and build with its transformers.",
)
@click.option(
    "--online/--offline",
    default=None,
    help="Fetch missing config.json files from the Hub (default: offline).",
)
@click.option(
    "--select",
    multiple=True,
    metavar="CODES",
    help="Run these rules only (codes, prefixes, names).",
)
@click.option("--extend-select", multiple=True, metavar="CODES", help="Run these rules as well.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Do not run these rules.")
@click.option(
    "--files-from",
    metavar="FILE|-",
    help="Check the paths in this list too: a line each, or divided by null characters.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    envvar="LORACHECK_FORMAT",
    type=OutputType(),
    help="Output format (default: full; github in GitHub Actions); with =FILE into a file beside "
    "what is printed, as often as wanted.",
)
@click.option("--output-file", metavar="FILE", help="Write the report here, not to the terminal.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings and errors, and nothing else.")
@click.option(
    "-v", "--verbose", is_flag=True, help="Say how each LoRA setting was judged (standard error)."
)
@click.option("--show-files", is_flag=True, help="List the files to check, and check none.")
@click.option(
    "--show-settings", is_flag=True, help="Show the settings for the first path, and check nothing."
)
@click.option(
    "--statistics", is_flag=True, help="Show how often each rule fired instead of the findings."
)
@click.option("--fix", is_flag=True, help="Mend what can be mended for certain, in place.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="With --fix or --diff: also what is only likely right."
)
@click.option("--diff", is_flag=True, help="Show what --fix would do, and write nothing.")
@click.option(
    "--add-ignore",
    metavar="REASON",
    callback=check_reason,
    help="Write a comment with this reason for each finding that counts: it counts no more.",
)
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    help="Lowest severity that makes the exit status 1 (default: warning).",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 3 when something could not be judged and nothing is worse.",
)
@click.option(
    "--config",
    metavar="FILE",
    help="Settings file (default: the nearest loracheck.toml or pyproject.toml).",
)
@click.option("--isolated", is_flag=True, help="Read no settings file.")
@click.option("--baseline", metavar="FILE", help="Leave out the findings that this file knows.")
@click.option(
    "--write-baseline", metavar="FILE", help="Write all findings to this file, and report none."
)
@click.option(
    "--skip-unrelated",
    is_flag=True,
    help="Pass over broken files that do not speak of LoRA (as a directory's; for hooks).",
)
@click.option(
    "--stdin-filename",
    default=STDIN,
    metavar="NAME",
    help="Name and format of standard input (default: JSON).",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes to use (default: one per core where there are hundreds of files).",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option(
    "--colour/--no-colour",
    "--color/--no-color",
    default=None,
    help="Colour (default: on a terminal).",
)
def command(paths: tuple[str, ...], **values: Any) -> None:
    """Lint LoRA configs.

    Directories are searched for JSON, YAML, TOML and Python files, notebooks and shell scripts;
    what sets no LoRA up is skipped.

    Exit status: 0 nothing at or above --fail-on, 1 findings, 2 usage or an unreadable input, 3 with
    --strict when something could not be judged.
    """
    listed = values.pop("files_from")
    if listed is not None:
        paths += read_paths(listed)
    options = check_options(values)
    if options.show_files or options.show_settings:
        from .show_run import show_files, show_settings

        (show_settings if options.show_settings else show_files)(paths or (".",), options)
        return
    if options.watch:
        from .watch import watch

        if listed is not None:
            raise click.UsageError("--watch and --files-from exclude each other")
        sys.exit(watch(paths or (".",), options))
    # A list that is empty is nothing to check, not everything.
    sys.exit(run(paths if paths or listed is not None else (".",), options))
