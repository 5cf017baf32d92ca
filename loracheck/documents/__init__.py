"""A file's text in, a `Document` out: plain values, with the line and column of each. Nothing is
executed, ever.

`read` is the way in: it reads the file and has it parsed by the format of its suffix. Each format
has a folder (`json/`, `yaml/`, `toml/`, `python/`, `shell/`, `notebook/`, `modelfile/`) whose
module `document` has `parse(path, text) -> Document`; a new format is one more folder and one more
line in `formats.py`. Begin with `model.py`, which says what a Document is, then `json/document.py`,
the shortest format. This room knows nothing of LoRA: it imports no other room.
"""

from __future__ import annotations

import re

from .formats import FORMATS, get_suffix, parse_as
from .model import Document, DocumentError
from .source import MAX_BYTES, decode, load

__all__ = ["FORMATS", "load_config", "read"]

LIMITS = {".ipynb": 8 * MAX_BYTES}
"""Largest file of a suffix, where it is not MAX_BYTES: the outputs of a notebook hold pictures."""


def read(path: str, text: bytes | str | None = None) -> Document:
    """The document at `path`; `text` is its content where that does not come from disk.

    Raises DocumentError, with its place, for what cannot be read as the format of the suffix, and
    OSError where the file cannot be opened.
    """
    suffix = get_suffix(path)
    if suffix not in FORMATS:
        suffixes = ", ".join(FORMATS)
        raise DocumentError(f"the suffix {suffix!r} stands for no known format ({suffixes})")
    content = decode(load_config(path) if text is None else text, _limit(suffix))
    try:
        return parse_as(suffix, path, content)
    except DocumentError as error:
        raise _merge_conflict(content) or error from None


def load_config(path: str) -> bytes:
    """The bytes of the file at `path`, as many as a file of its suffix may have. Raises
    DocumentError and OSError as `source.load` does.
    """
    return load(path, _limit(get_suffix(path)))


def _limit(suffix: str) -> int:
    return LIMITS.get(suffix, MAX_BYTES)


def _merge_conflict(text: str) -> DocumentError | None:
    """The error for a text with the markers of an unfinished git merge, which a parser would report
    at a later place; None where there are none.
    """
    start = re.search(r"^<{7} [^\r\n]*", text, re.MULTILINE)
    if start is None or not re.search(r"^>{7} ", text[start.end() :], re.MULTILINE):
        return None
    from .lines import Lines

    reason = "a merge conflict is left in the file: keep one of the two sides"
    return DocumentError(reason, Lines(text).span(*start.span()))
