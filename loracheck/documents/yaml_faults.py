"""YAML faults in one sentence with their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .lines import Lines
from .model import DocumentError, Span

if TYPE_CHECKING:
    import yaml

_UNPRINTABLE = re.compile(
    "[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML 1.1 allows (section 5.1), as yaml.reader.Reader.NON_PRINTABLE has it."""

_TEMPLATE = re.compile(r"\{\{|\{%")


def syntax(text: str, error: yaml.MarkedYAMLError) -> DocumentError:
    """The DocumentError for what the parser or a constructor refused."""
    lines = Lines(text)
    mark = error.problem_mark or error.context_mark
    offset = min(mark.index, len(text)) if mark else 0
    return DocumentError(_reason(text, offset, lines, error), lines.at(offset))


def control_character(text: str, error: yaml.reader.ReaderError) -> DocumentError:
    """The DocumentError for a character that YAML does not allow."""
    found = _UNPRINTABLE.search(text)
    if found is None:
        return DocumentError(f"not readable as YAML: {error.reason}", Span(1, 1, 1, 1))
    reason = f"the control character {found[0]!r} is not allowed in YAML"
    return DocumentError(reason, Lines(text).at(found.start()))


def _reason(text: str, offset: int, lines: Lines, error: yaml.MarkedYAMLError) -> str:
    line = lines.line(lines.at(offset).line)
    if _TEMPLATE.search(line):
        return "this line is a template's, so the file is not YAML before the template is filled"
    if text[offset : offset + 1] == "\t":
        return "a tab: YAML takes spaces only between the line's start and its first word"
    problem = " ".join(str(error.problem or "not valid YAML").split())
    place = error.context_mark
    if error.context and place and place.index < offset:
        return f"{problem} ({error.context} of line {lines.at(place.index).line})"
    return problem
