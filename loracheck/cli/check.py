"""`loracheck check`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from loracheck.documents.model import Span
from loracheck.findings import at_or_above
from loracheck.pipeline import Outcome, check_file, unreadable
from loracheck.reporters import FORMATS, render
from loracheck.reporters.base import Report

from .asked import Asked, Settings, merged
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
    "--format",
    "style",
    type=click.Choice(list(FORMATS)),
    help="Output format (default: full; github in GitHub Actions).",
)
@click.option(
    "--statistics", is_flag=True, help="Show how often each rule fired instead of the findings."
)
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
def command(paths: tuple[str, ...], **given: Any) -> None:
    """Lint LoRA configs.

    Directories are searched for JSON, YAML and Python files; files that set no LoRA up are skipped.

    Exit status: 0 nothing at or above --fail-on, 1 findings, 2 usage or an unreadable input, 3 with
    --strict when something could not be judged.
    """
    asked, paths = Asked(**given), paths or (".",)
    settings = merged(asked, paths)
    files = inputs(paths, settings.excluded)
    outcomes = tuple(_run(files, settings, asked.stdin_filename))
    report = Report(outcomes, len(outcomes), _colour(asked.colour, settings.style))
    click.echo(_text(report, settings.style, asked.statistics), color=report.colour or None)
    sys.exit(0 if asked.exit_zero else _status(report, settings.fail_on, asked.strict))


def _run(files: Iterable[Input], settings: Settings, stdin_filename: str) -> Iterable[Outcome]:
    for file in files:
        if file.reason is not None:
            yield unreadable(file.shown, file.reason, Span(1, 1, 1, 1), file.path)
        elif file.path == "-":
            job, text = settings.job(stdin_filename), sys.stdin.buffer.read()
            yield check_file(stdin_filename, stdin_filename, job, text)
        else:
            job = settings.job(file.path)
            yield check_file(file.path, file.shown, job, sure=not file.found)


def _text(report: Report, style: str, statistics: bool) -> str:
    if not statistics:
        return render(report, style)
    from loracheck.reporters import statistics as counts

    if style not in counts.STYLES:
        raise click.UsageError(f"--statistics goes with the formats {', '.join(counts.STYLES)}")
    return counts.render(report, style)


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
