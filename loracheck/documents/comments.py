"""The comments of a YAML, Python, TOML or shell text or of a Modelfile, each with its offset. JSON
has none.
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_MODELFILE = compile_when_used(r"^[ \t]*(#[^\r\n]*)", re.MULTILINE)

Comment = tuple[int, str]
"""Offset of the `#`, and the text from there to the end of the line."""

_YAML = compile_when_used(r"(?<!\S)#")
_REST = compile_when_used(r"[^\r\n]*")
_TOML = compile_when_used(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|(#[^\r\n]*)', re.DOTALL
)


def find_comments(text: str, format: str) -> list[Comment]:
    """All comments of a text in the given format ("yaml", "python", "toml", "shell",
    "modelfile"), in the order of the text; none for any other format. The text must be one that
    could be parsed.
    """
    find = _FINDERS.get(format)
    return list(find(text)) if find and "#" in text else []


def _find_yaml_comments(text: str) -> Iterator[Comment]:
    """Each `#` after white space that is not part of a scalar begins a comment (YAML 1.1, 6.6)."""
    scalars = _find_scalar_regions(text)
    end = 0
    for match in _YAML.finditer(text):
        while scalars and scalars[-1][1] <= match.start():
            scalars.pop()
        inside = scalars and scalars[-1][0] <= match.start()
        if not inside and match.start() >= end:
            words = _get_rest_of_line(text, match.start())
            yield match.start(), words
            end = match.start() + len(words)


def _get_rest_of_line(text: str, at: int) -> str:
    match = _REST.match(text, at)
    return match[0] if match else ""


def _find_scalar_regions(text: str) -> list[tuple[int, int]]:
    """Start and end offset of every scalar's text, the last scalar first."""
    import yaml

    from .yaml.loader import EventLoader

    regions = []
    for event in yaml.parse(text, Loader=EventLoader):
        if isinstance(event, yaml.ScalarEvent):
            first: Any = event.start_mark
            last: Any = event.end_mark
            start, end = first.index, last.index
            if event.style in ("|", ">"):  # a comment may follow the header of a block
                line = text.find("\n", start, end)
                start = end if line < 0 else line
            regions.append((start, end))
    return regions[::-1]


def _find_python_comments(text: str) -> Iterator[Comment]:
    import io
    import tokenize

    starts = [0]
    for line in io.StringIO(text, newline=""):
        starts.append(starts[-1] + len(line))
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                yield starts[row - 1] + column, token.string
    except (tokenize.TokenError, SyntaxError):
        return  # the compiler takes a few texts that the tokenizer does not


def _find_toml_comments(text: str) -> Iterator[Comment]:
    for match in _TOML.finditer(text):
        if match[1] is not None:
            yield match.start(), match[1]


def _find_shell_comments(text: str) -> Iterator[Comment]:
    from .shell.tokens import find_comments

    return find_comments(text)


def _find_modelfile_comments(text: str) -> Iterator[Comment]:
    """Lines that begin with `#`; nothing behind a value is a comment."""
    for match in _MODELFILE.finditer(text):
        yield match.start(1), match[1]


_FINDERS: dict[str, Callable[[str], Iterator[Comment]]] = {
    "yaml": _find_yaml_comments,
    "python": _find_python_comments,
    "toml": _find_toml_comments,
    "shell": _find_shell_comments,
    "modelfile": _find_modelfile_comments,
}
