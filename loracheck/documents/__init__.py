"""Text in, plain values with their line and column out. Nothing is executed, ever.

`read` takes a file to a `Document` by its suffix. Each format is one module with
`parse(path, text) -> Document`; a new format is one more module and one more line in `FORMATS`.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import TYPE_CHECKING

from .model import Document, DocumentError
from .source import MAX_BYTES, decode, load

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = {
    ".json": "json.document",
    ".yaml": "yaml.document",
    ".yml": "yaml.document",
    ".toml": "toml.document",
    ".py": "python.document",
    ".ipynb": "notebook.document",
    ".sh": "shell.document",
    ".bash": "shell.document",
    ".zsh": "shell.document",
    ".slurm": "shell.document",
    ".sbatch": "shell.document",
}
"""Suffix -> module of this package. A module is imported when its format is first met."""

LIMITS = {".ipynb": 8 * MAX_BYTES}
"""Largest file of a suffix, where it is not MAX_BYTES: the outputs of a notebook hold pictures."""


def read(path: str, text: bytes | str | None = None) -> Document:
    """The document at `path`; `text` is its content where that does not come from disk.

    Raises DocumentError, with its place, for what cannot be read as the format of the suffix, and
    OSError where the file cannot be opened.
    """
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in FORMATS:
        known = ", ".join(FORMATS)
        raise DocumentError(f"the suffix {suffix!r} stands for no known format ({known})")
    limit = LIMITS.get(suffix, MAX_BYTES)
    content = decode(load(path, limit) if text is None else text, limit)
    parse: Callable[[str, str], Document] = import_module(f"{__name__}.{FORMATS[suffix]}").parse
    try:
        return parse(path, content)
    except DocumentError as error:
        raise _conflict(content) or error from None


def _conflict(text: str) -> DocumentError | None:
    """The fault of a text that git's merge left half done: the parsers stumble somewhere behind."""
    start = re.search(r"^<{7} [^\r\n]*", text, re.MULTILINE)
    if start is None or not re.search(r"^>{7} ", text[start.end() :], re.MULTILINE):
        return None
    from .lines import Lines

    reason = "a merge conflict is left in the file: keep one of the two sides"
    return DocumentError(reason, Lines(text).span(*start.span()))
