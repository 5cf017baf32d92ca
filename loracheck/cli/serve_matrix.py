"""`check --serve all`: what every known engine makes of each LoRA setting of the paths."""

from __future__ import annotations

import click

from loracheck.documents.model import DocumentError
from loracheck.options.find_files import find_files
from loracheck.reporters.sinks import log_line
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.file.impact import Impact
    from loracheck.options.run_settings import RunSettings

TEXTS = ("full", "concise")
"""Formats that the matrix is printed below; with the others it goes to standard error."""


def print_matrix(paths: tuple[str, ...], settings: RunSettings) -> None:
    """Print engine, verdict and reasons for each setting. Files that cannot be read are in the
    report already.
    """
    for path in _find_readable_files(paths, settings):
        for line in _format_matrix_lines(path, settings):
            click.echo(line, err=settings.output_format not in TEXTS)


def _find_readable_files(paths: tuple[str, ...], settings: RunSettings) -> Iterator[str]:
    files = find_files(paths, settings.excludes, gitignore=settings.respect_gitignore)
    return (file.path for file in files if file.reason is None and file.path != "-")


def _format_matrix_lines(path: str, settings: RunSettings) -> Iterator[str]:
    from loracheck.explain.file.assess_file import assess_file

    job = settings.for_path(path)._replace(codes=frozenset(), serve=())
    try:
        impacts = assess_file(path, job)
    except (DocumentError, OSError):
        return
    for impact in impacts:
        yield ""
        yield log_line(f"{impact.path}:{impact.line}")
        yield from _format_impact_lines(impact)


def _format_impact_lines(impact: Impact) -> Iterator[str]:
    from loracheck.explain.text.findings_section import format_engine_lines

    from .topics import choose_text_style

    if impact.served is None:
        yield "  no engine is asked: PEFT refuses the config, or nothing is known of it"
        return
    yield from format_engine_lines(impact, choose_text_style())
