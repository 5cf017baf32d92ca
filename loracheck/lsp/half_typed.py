"""Reads a text that somebody is typing: mostly it lacks an end.

Where a text cannot be read, endings are tried at the cursor, the shortest first, then the cursor's
line is left out. What is read so tells all other lines; nothing is said of the cursor's own.
"""

from __future__ import annotations

import os

from loracheck.documents import read
from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document

LARGEST = 200_000
"""Characters of a text to which endings are tried; of a longer one the line is left out at once."""

_JSON = (
    *('"', ": null", " null", "null", '": null', "]", "}", '"]', '"}', '": null,', ": null,"),
    *(" null,", '"],', "],", "},", '"": null', '"": null,', '": null}', ": null}", "null}", '"]}'),
    *("]}", ",", '",', "0", "0,", '""]', '""],', '""]}'),
)
_PYTHON = (
    *('"', "'", ")", "]", "}", '")', "')", '"]', "']", '"])', "'])", "])", "=None", "=None)"),
    *("None", "None)", "=None,", "None,", '"],', "'],", '",', "',", ": None}", '": None}', ","),
)
_YAML = (":", '"', "'", "]", "}", '"]', "']", '"}', ": null}", " x", " x]")
_TOML = (
    *(" = 0", "= 0", " 0", "0", '"', "'", "]", '"]', "']", '""', "}", '"}', " = 0 }"),
    *(" 0 }", "0]"),
)
ENDINGS = {
    ".json": _JSON,
    ".ipynb": _JSON,
    ".py": _PYTHON,
    ".yaml": _YAML,
    ".yml": _YAML,
    ".toml": _TOML,
}
"""Suffix of a file -> what may be missing at the cursor, the likeliest first."""


class TypedText(NamedTuple):
    """A text that could be read."""

    document: Document
    """Its document."""

    line: int | None
    """The line (from 1) of which nothing can be said; None where the text is as it was typed."""

    error: DocumentError | None
    """Why the text as it was typed cannot be read."""


def read_typed(path: str, text: str, at: int | None) -> TypedText | DocumentError:
    """The document of a text with the cursor at an offset, or why it cannot be read whatever is
    tried. Without a cursor nothing is tried.
    """
    try:
        return TypedText(read(path, text), None, None)
    except DocumentError as error:
        first = error
    if at is None:
        return first
    line = Lines(text).at(at).line
    for candidate in iterate_mended_texts(os.path.splitext(path)[1].lower(), text, at):
        try:
            return TypedText(read(path, candidate), line, first)
        except DocumentError:
            continue
    return first


def iterate_mended_texts(suffix: str, text: str, at: int) -> Iterator[str]:
    """The texts that may have been meant, likeliest first."""
    end = _find_line_end(text, at)
    if len(text) <= LARGEST:
        for ending in ENDINGS.get(suffix, ()):
            yield text[:at] + ending + text[at:]
            if end > at and not text[at:end].isspace():
                yield text[:end] + ending + text[end:]
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    yield text[:start] + " " * (end - start) + text[end:]


def _find_line_end(text: str, at: int) -> int:
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return min(ends, default=len(text))


def find_cursor(old: str, new: str) -> int:
    """Where the cursor stands in `new`: at the end of what differs from `old`."""
    most = min(len(old), len(new))
    same = _count_common_start(old[::-1], new[::-1], most)
    before = _count_common_start(old, new, most - same)
    return max(len(new) - same, before)


def _count_common_start(one: str, other: str, most: int) -> int:
    """How many characters two texts begin with in common, at most `most`."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
