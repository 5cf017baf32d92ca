"""A finished run in (`Report`, see `report.py`), a text out in one of the output formats.

`render` is the way in, and `render_lines` where the text is written as it is made. Each format is
one module with `render(report)`, which gives the text's lines, imported when it is asked for;
`full.py`, the format for people, is the one to begin with. A format that says of each file what it
has to say, whatever the others hold, has `format_result_lines(result)` too. `tree.py` prints module
trees for `loracheck tree` and `statistics.py` counts by rule for `--statistics`. Reporters print
what they are given: they read no files and judge nothing.
"""

from __future__ import annotations

from importlib import import_module

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loracheck.results import FileResult

    from .report import Report

FORMATS = {
    "full": "full",
    "concise": "concise",
    "agent": "agent",
    "json": "json_",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "rdjson": "rdjson",
    "markdown": "markdown",
}
"""Name of a format -> module of this package with `render(report) -> Iterator[str]`."""


def render(report: Report, name: str) -> str:
    """The report in one of FORMATS, without a final newline."""
    return "\n".join(render_lines(report, name))


def render_lines(report: Report, name: str) -> Iterator[str]:
    """The report in one of FORMATS, a line or several together at a time, each without the break
    at its end.
    """
    lines: Iterator[str] = import_module(f"{__name__}.{FORMATS[name]}").render(report)
    return lines


def find_result_lines(name: str) -> Callable[[FileResult], Iterator[str]] | None:
    """What gives the lines for one file of the report, for a format that begins with those of the
    files and ends with `summary.format_summary_lines`; None for any other.
    """
    lines: Callable[[FileResult], Iterator[str]] | None
    lines = getattr(import_module(f"{__name__}.{FORMATS[name]}"), "format_result_lines", None)
    return lines
