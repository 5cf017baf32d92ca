"""A finished run in (`Report`, see `report.py`), a text out in one of the output formats.

`render` is the way in. Each format is one module with `render(report) -> str`, imported when it is
asked for; `full.py`, the format for people, is the one to begin with. `tree.py` prints module trees
for `loracheck tree` and `statistics.py` counts by rule for `--statistics`. Reporters print what
they are given: they read no files and judge nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report import Report

FORMATS = {
    "full": "full",
    "concise": "concise",
    "json": "json_",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "rdjson": "rdjson",
}
"""Name of a format -> module of this package with `render(report) -> str`."""


def render(report: Report, name: str) -> str:
    """The report in one of FORMATS, without a final newline."""
    text: str = import_module(f"{__name__}.{FORMATS[name]}").render(report)
    return text
