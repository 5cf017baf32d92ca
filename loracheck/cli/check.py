"""`loracheck check`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from loracheck.documents.model import Span
from loracheck.findings import at_or_above
from loracheck.pipeline import Job, Outcome, check_file, unreadable
from loracheck.reporters import FORMATS, render
from loracheck.reporters.base import Report
from loracheck.rules import catalogue, matching
from loracheck.trees.sources import Options

from .files import Input, inputs

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH|-]...")
@click.option("--model", metavar="ID|DIR|FILE", help="Judge every config against this model.")
@click.option(
    "--peft", metavar="VERSION", help="Judge by this PEFT release (default: the newest known)."
)
@click.option(
    "--transformers", metavar="VERSION", help="Judge by the trees of this transformers line."
)
@click.option(
    "--python", metavar="PATH", help="Build trees with the transformers of this interpreter."
)
@click.option(
    "--online/--offline", help="Fetch missing config.json files from the Hub (default: offline)."
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
    "--format", "style", type=click.Choice(list(FORMATS)), default="full", show_default=True
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    default="warning",
    show_default=True,
    help="Lowest severity that makes the exit status 1.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 3 when something could not be judged and nothing is worse.",
)
@click.option(
    "--stdin-filename",
    default="stdin.json",
    metavar="NAME",
    help="Name and format of standard input.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option(
    "--colour/--no-colour",
    "--color/--no-color",
    default=None,
    help="Colour (default: on a terminal).",
)
def command(
    paths: tuple[str, ...],
    model: str | None,
    peft: str | None,
    transformers: str | None,
    python: str | None,
    online: bool,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    style: str,
    fail_on: str,
    strict: bool,
    stdin_filename: str,
    exit_zero: bool,
    colour: bool | None,
) -> None:
    """Lint LoRA configs.

    Directories are searched for JSON, YAML and Python files; files that set no LoRA up are skipped.

    Exit status: 0 nothing at or above --fail-on, 1 findings, 2 usage or an unreadable input, 3 with
    --strict when something could not be judged.
    """
    job = Job(
        _codes(select, extend_select, ignore),
        model,
        peft,
        Options(transformers, python, online, tell=lambda line: click.echo(line, err=True)),
    )
    outcomes = tuple(_run(inputs(paths or (".",)), job, stdin_filename))
    report = Report(outcomes, len(outcomes), _colour(colour, style))
    click.echo(render(report, style), color=report.colour or None)
    sys.exit(0 if exit_zero else _status(report, fail_on, strict))


def _run(files: Iterable[Input], job: Job, stdin_filename: str) -> Iterable[Outcome]:
    for file in files:
        if file.reason is not None:
            yield unreadable(file.shown, file.reason, Span(1, 1, 1, 1))
        elif file.path == "-":
            yield check_file(stdin_filename, stdin_filename, job, sys.stdin.buffer.read())
        else:
            yield check_file(file.path, file.shown, job)


def _codes(
    select: tuple[str, ...], extend: tuple[str, ...], ignore: tuple[str, ...]
) -> frozenset[str]:
    """The rules to run. Raises a usage error for a code that stands for no rule."""
    try:
        chosen = matching(_split(select)) if select else frozenset(r.code for r in catalogue())
        return (chosen | matching(_split(extend))) - matching(_split(ignore))
    except KeyError as error:
        raise click.UsageError(
            f"no rule is called {error.args[0]!r}; `loracheck rules` lists them"
        ) from error


def _split(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for value in values for part in value.replace(",", " ").split())


def _colour(wanted: bool | None, style: str) -> bool:
    """Colour on a terminal alone, unless asked for; NO_COLOR and FORCE_COLOR are heeded."""
    if style != "full":
        return False
    if wanted is not None:
        return wanted
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def _status(report: Report, fail_on: str, strict: bool) -> int:
    if any(outcome.unreadable for outcome in report.outcomes):
        return 2
    if any(at_or_above(finding, fail_on) for finding in report.findings()):
        return 1
    unjudged = any(not s.judged for outcome in report.outcomes for s in outcome.settings)
    return 3 if strict and unjudged else 0
