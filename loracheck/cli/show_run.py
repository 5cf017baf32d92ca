"""`--show-files` and `--show-settings`: what a run would look at, and under which settings."""

from __future__ import annotations

import json

import click

from loracheck.options.find_files import find_files
from loracheck.reporters.report import format_path_to_open
from loracheck.reporters.sinks import log_line, make_printable
from loracheck.type_checking import TYPE_CHECKING

from .check_options import run_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.options.find_files import InputFile
    from loracheck.options.run_settings import RunSettings

    from .check_options import CheckOptions


def show_files(paths: tuple[str, ...], options: CheckOptions) -> None:
    """Print the path of each file that a run over the paths would look at, a line each."""
    for file in _find_readable_files(paths, run_settings(options.run, paths, quiet=True)):
        click.echo(make_printable(format_path_to_open(file.path)))


def show_settings(paths: tuple[str, ...], options: CheckOptions) -> None:
    """Print the settings for the first file of the paths (for the first path where there is none),
    as TOML: what the options, the settings file and the defaults come to.
    """
    settings = run_settings(options.run, paths, quiet=True)
    first = next((file.path for file in _find_readable_files(paths, settings)), paths[0])
    click.echo(log_line(f"# for {format_path_to_open(first)}"))
    for key, value in _list_settings(first, settings, options):
        click.echo(make_printable(f"{key} = {json.dumps(value, ensure_ascii=False)}"))


def _find_readable_files(paths: tuple[str, ...], settings: RunSettings) -> Iterator[InputFile]:
    files = find_files(paths, settings.excludes, gitignore=settings.respect_gitignore)
    return (file for file in files if file.reason is None)


def _list_settings(
    path: str, settings: RunSettings, options: CheckOptions
) -> Iterator[tuple[str, object]]:
    """The keys of a settings file with their values; those that stand for "not said" are left
    out.
    """
    of_path = settings.for_path(path)
    baseline = options.baseline or settings.baseline
    rows: dict[str, object] = {
        "settings-file": settings.file,
        "select": sorted(of_path.codes),
        "model": of_path.model,
        "peft": of_path.peft,
        "transformers": of_path.trees.transformers,
        "python": of_path.trees.python,
        "online": of_path.trees.online,
        "serve": list(of_path.serve),
        "policy": [policy.path for policy in of_path.policies],
        "format": settings.output_format,
        "fail-on": settings.fail_on,
        "baseline": baseline,
        "respect-gitignore": settings.respect_gitignore,
        "rules": of_path.options or None,
    }
    for key, value in rows.items():
        if isinstance(value, dict):
            yield from (
                (f"rules.{code}.{name}", n) for code, o in value.items() for name, n in o.items()
            )
        elif value is not None:
            yield key, value
