"""Explains in one sentence, with its place, why a text is no YAML."""

from __future__ import annotations

import re

from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError, Span
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    import yaml

_UNPRINTABLE = compile_when_used(
    "[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML 1.1 allows (section 5.1), as yaml.reader.Reader.NON_PRINTABLE has it."""

_GLUED = compile_when_used(r"\s*[A-Za-z]\w*:(?!//)\S+\s*(#.*)?$")
"""A key and its value without the space between them, which YAML reads as one word."""

_TEMPLATE = compile_when_used(r"\{\{|\{%")


def explain_error(text: str, error: yaml.MarkedYAMLError) -> DocumentError:
    """The DocumentError for what the parser or a constructor refused."""
    lines = Lines(text)
    mark = error.problem_mark or error.context_mark
    offset = min(mark.index, len(text)) if mark else 0
    span = _find_line_without_colon(text, error, lines)
    if span is not None:
        return DocumentError(
            "a `: ` (with a space) or a leading `- ` is missing in this line", span
        )
    return DocumentError(_describe_reason(text, offset, lines, error), lines.at(offset))


def _find_line_without_colon(text: str, error: yaml.MarkedYAMLError, lines: Lines) -> Span | None:
    """The line that is neither `key: value` nor a list entry, where the parser reports a later
    line.
    """
    problem, mark = str(error.problem), error.context_mark
    if mark is not None and "find expected ':'" in problem:
        number = lines.at(min(mark.index, len(text))).line
        line = lines.line(number)
        if "\t" in line or _TEMPLATE.search(line):
            return None
    elif error.problem_mark is not None and "mapping values are not allowed" in problem:
        # The line before, counted as editors do: YAML also ends lines at U+2028 and its like.
        number = lines.at(min(error.problem_mark.index, len(text))).line - 1
        line = lines.line(number) if number else ""
        if not _GLUED.match(line):
            return None
    else:
        return None
    begin = lines.starts[number - 1]
    return lines.span(begin + len(line) - len(line.lstrip()), begin + len(line.rstrip()))


def explain_control_character(text: str, error: yaml.reader.ReaderError) -> DocumentError:
    """The DocumentError for a character that YAML does not allow."""
    match = _UNPRINTABLE.search(text)
    if match is None:
        return DocumentError(f"not readable as YAML: {error.reason}", Span(1, 1, 1, 1))
    reason = f"the control character {match[0]!r} is not allowed in YAML"
    return DocumentError(reason, Lines(text).at(match.start()))


_SENTENCES = (
    (r"expected ',' or '([\]}])'", "the `{opener}` of line {line} is not closed before this"),
    (
        r"mapping values are not allowed",
        "a `: ` that YAML does not expect: quote or indent the text",
    ),
    (r"cannot start any token", "`{char}` cannot start a value: put the text in quotes"),
    (r"unexpected end of stream", "the quote of line {line} is never closed"),
    (r"could not find expected ':'", "the key of line {line} has no `:` after it"),
    (r"expected (<block end>|key|'-')", "the indentation does not fit the lines above"),
    (r"undefined alias", "the alias `{word}` has no anchor before it"),
    (r"unhashable key", "a list or mapping cannot be a key"),
    (r"for merging", "`<<` takes a mapping, or a list of mappings"),
)
"""What libyaml and PyYAML's own parser say, each in its words -> one sentence for both."""


def _describe_reason(text: str, offset: int, lines: Lines, error: yaml.MarkedYAMLError) -> str:
    if _TEMPLATE.search(lines.line(lines.at(offset).line)):
        return "this line is a template's, so the file is not YAML before the template is filled"
    if text[offset : offset + 1] == "\t":
        return "a tab stands where YAML takes spaces only"
    problem = " ".join(str(error.problem or "not valid YAML").split())
    start = error.context_mark
    for pattern, sentence in _SENTENCES:
        match = re.search(pattern, problem.replace("did not find expected", "expected"))
        if match is not None:
            return sentence.format(
                opener={"]": "[", "}": "{"}.get(match[1] if match.lastindex else "", ""),
                line=lines.at(start.index if start else offset).line,
                char=text[offset : offset + 1],
                word=re.split(r"[\s,\[\]{}]", text[offset : offset + 80])[0],
            )
    return problem
