"""Output formats, one file each, imported when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Report

FORMATS = {
    "full": "full",
    "concise": "concise",
    "json": "json_",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
}
"""Name of a format -> module of this package with `render(report) -> str`."""


def render(report: Report, name: str) -> str:
    """The report in one of FORMATS, without a final newline."""
    text: str = import_module(f"{__name__}.{FORMATS[name]}").render(report)
    return text
