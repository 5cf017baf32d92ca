"""`loracheck explain FILE --html OUT --svg OUT`: the page and the coverage map of a config file."""

from __future__ import annotations

import os

import click

from loracheck.documents.replace_file import replace_file
from loracheck.type_checking import TYPE_CHECKING

from .stderr import fail, warn
from .topics import assess_lora_file_or_fail, assess_or_fail, is_lora_file

if TYPE_CHECKING:
    from loracheck.options.run_options import RunOptions


def write_pictures(
    topics: tuple[str, ...], options: RunOptions, page: str | None, picture: str | None
) -> None:
    """Write the page and the map of a config file; a second setting's map gets `-2` in its name.

    Ends the run with status 2 where the topic is no config file or nothing can be written.
    """
    if len(topics) != 1 or not os.path.isfile(topics[0]):
        raise click.UsageError("--html and --svg go with one config file")
    if is_lora_file(topics[0]):
        _write_lora_page(topics[0], options, page, picture)
        return
    impacts = assess_or_fail(topics[0], options)
    if not impacts:
        raise click.UsageError(f"{topics[0]} sets no LoRA up")
    if page:
        from loracheck.explain.html.page import render_html

        _write(page, render_html(impacts, topics[0]))
    if picture:
        from loracheck.explain.html.coverage_map import render_svg

        for number, impact in enumerate(impacts, 1):
            _write(_number_path(picture, number), render_svg(impact))


def _write_lora_page(path: str, options: RunOptions, page: str | None, picture: str | None) -> None:
    """Write the page about a LoRA file, which has no map."""
    if picture or not page:
        raise click.UsageError("a LoRA file has a page (--html) and no map of its own (--svg)")
    from loracheck.explain.html.lora_file import render_lora_file

    _write(page, render_lora_file(assess_lora_file_or_fail(path, options)))


def _number_path(path: str, number: int) -> str:
    stem, suffix = os.path.splitext(path)
    return path if number == 1 else f"{stem}-{number}{suffix}"


def _write(path: str, text: str) -> None:
    try:
        replace_file(path, text.encode("utf-8"))
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}")
    warn(f"written: {path}")
