"""Comments that suppress findings (`# loracheck: ignore[LC302] reason`), written into a text whose
values stay what they are.
"""

from __future__ import annotations

import re

from loracheck.documents.comments import find_comments
from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .verify import is_same_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from loracheck.documents.model import Document
    from loracheck.findings import Finding

COMMENTED = frozenset({"yaml", "python", "toml", "shell"})
"""Formats that have comments which suppress."""

MAX_LINES = 500
"""Lines of one file that get a comment; the whole text is read again for each."""


class CommentedText(NamedTuple):
    """The text with its comments, and how many were added."""

    text: str
    comments: int


def add_comments(
    document: Document,
    findings: Iterable[Finding],
    reason: str,
    read: Callable[[str], Document],
) -> CommentedText:
    """The document's text with a comment for each line that findings stand in, where one can stand
    without any value changing. `read` makes a document of a text.
    """
    text, count = document.text, 0
    above: dict[int, set[str]] = {}
    for line, codes in _sort_from_below(_group_codes_by_line(findings)):
        candidate = _append_comment(text, line, _format_comment(codes, reason))
        if _means_the_same(document, text, candidate, read):
            text, count = candidate, count + 1
        else:
            above.setdefault(_find_first_line(text, line), set()).update(codes)
    for line, codes in _sort_from_below(above):
        candidate = _insert_comment_above(text, line, _format_comment(codes, reason))
        if _means_the_same(document, text, candidate, read):
            text, count = candidate, count + 1
    return CommentedText(text, count)


def _group_codes_by_line(findings: Iterable[Finding]) -> dict[int, set[str]]:
    codes: dict[int, set[str]] = {}
    for finding in findings:
        codes.setdefault(finding.span.line, set()).add(finding.code)
    return codes


def _sort_from_below(codes: dict[int, set[str]]) -> list[tuple[int, set[str]]]:
    """The lines with their codes, the last one first: so no line moves that is still to come."""
    return sorted(codes.items(), reverse=True)[:MAX_LINES]


def _format_comment(codes: Iterable[str], reason: str) -> str:
    return f"# loracheck: ignore[{', '.join(sorted(codes))}] {reason}"


def _append_comment(text: str, line: int, comment: str) -> str:
    """The text with the comment behind a line."""
    lines = Lines(text)
    whole, start = lines.line(line), lines.starts[line - 1]
    end = start + len(whole.rstrip())
    return f"{text[:end]}  {comment}{text[start + len(whole) :]}"


def _insert_comment_above(text: str, line: int, comment: str) -> str:
    """The text with the comment in a line of its own above a line, indented as it is."""
    lines = Lines(text)
    whole, start = lines.line(line), lines.starts[line - 1]
    indent = whole[: len(whole) - len(whole.lstrip())]
    return f"{text[:start]}{indent}{comment}{_find_line_break(text)}{text[start:]}"


def _find_first_line(text: str, line: int) -> int:
    r"""The first of the lines that a line continues behind a `\`."""
    lines = Lines(text)
    while line > 1 and lines.line(line - 1).rstrip().endswith("\\"):
        line -= 1
    return line


def _find_line_break(text: str) -> str:
    """The line break that the text has first."""
    match = re.search(r"\r\n|\n|\r", text)
    return match[0] if match else "\n"


def _means_the_same(
    document: Document, text: str, candidate: str, read: Callable[[str], Document]
) -> bool:
    """Whether a text reads as the document does, and what was added is a comment."""
    try:
        same = is_same_value(document.roots, read(candidate).roots)
    except DocumentError:
        return False
    return same and _count_marks(candidate, document.format) > _count_marks(text, document.format)


def _count_marks(text: str, format: str) -> int:
    """The comments that suppress something; several may stand behind one `#`."""
    return sum(words.count("loracheck: ignore[") for _, words in find_comments(text, format))
