"""Files that a notebook writes (cells that begin with `%%writefile train.yaml`), and what it hands
to a shell (shell_parts.py).

Each is read as the format of its name would be; every place in it is a place in the notebook.
"""

from __future__ import annotations

import os
import re

from loracheck.documents.formats import EMBEDDED, parse_as
from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .cells import join_source
from .offsets import compute_character_offsets
from .shell_parts import find_shell_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from loracheck.documents.model import Document, Path, Problem, Span
    from loracheck.documents.shell.commands import Command

    from .model import NotebookDocument

MAGIC = compile_when_used(r"\s*%%(?:writefile|file)\s+(?:-a\s+)?(['\"]?)(.+?)\1\s*(?:\n|$)")


MAX_FILES = 100
"""Most files and scripts that are read out of one notebook."""


class WrittenFile:
    """A `Document` (see model.py) of a file that a notebook writes, or of a script that it runs.
    `kind` is the format that the file is written in; its own `format` is "cell", in which no fix is
    made.
    """

    format = "cell"

    def __init__(self, notebook: NotebookDocument, inner: Document, marks: list[int]) -> None:
        self.notebook = notebook
        self._inner = inner
        self._lines = Lines(inner.text)
        self._marks = marks
        self.path = notebook.path
        self.text = notebook.text
        self.source = notebook.source
        self.kind = inner.format
        self.roots = inner.roots
        self.calls: list[Any] = getattr(inner, "calls", [])
        self.commands: list[Command] = getattr(inner, "commands", [])
        self.script = inner.text

    @property
    def problems(self) -> Sequence[Problem]:
        """Faults that did not stop the reading, at their places in the notebook."""
        return [
            problem._replace(
                span=self._move_span(problem.span),
                related=tuple((self._move_span(span), label) for span, label in problem.related),
            )
            for problem in self._inner.problems
        ]

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Place in the notebook of the value at `path`, or of its key."""
        return self._move_span(self._inner.span(path, key=key))

    def script_span(self, start: int, end: int) -> Span:
        """The place in the notebook of a part of `script`."""
        return self._move_span(self._lines.span(start, end))

    def where(self, span: Span) -> str | None:
        """Cell and line of a place, as a notebook shows them ("cell 3, line 2")."""
        return self.notebook.where(span)

    def _move_span(self, span: Span) -> Span:
        start = self._lines.offset(span.line, span.column)
        end = self._lines.offset(span.end_line, span.end_column)
        if not self._marks:
            return self.notebook.lines.span(0, 0)
        first = self._marks[min(start, len(self._marks) - 1)]
        last = self._marks[min(end, len(self._marks)) - 1] + 1 if end > start else first
        return self.notebook.lines.span(first, last)


def find_written_files(notebook: NotebookDocument, value: dict[str, Any]) -> list[WrittenFile]:
    """The files that the notebook's cells write and the scripts that they run, as far as they can
    be read. `value` is the notebook's JSON.
    """
    files: list[WrittenFile] = []
    for number, cell in enumerate(value["cells"], 1):
        text = join_source(cell) if isinstance(cell, dict) else None
        if text is None or cell.get("cell_type") != "code":
            continue
        for inner in _read_cell(notebook.path, text):
            if len(files) == MAX_FILES:
                return files
            pieces = notebook.cell_strings.get(number, [])
            marks = [
                start + at for start, raw in pieces for at in compute_character_offsets(raw)[:-1]
            ]
            files.append(WrittenFile(notebook, inner, marks))
    return files


def _read_cell(path: str, text: str) -> Iterator[Document]:
    magic = MAGIC.match(text)
    if magic is None:
        for script in find_shell_parts(text):
            yield parse_as(".sh", path, script)
        return
    file = _read_file(path, magic, text)
    if file is not None:
        yield file


def _read_file(path: str, magic: re.Match[str], text: str) -> Document | None:
    suffix = os.path.splitext(magic[2])[1].lower()
    if suffix not in EMBEDDED:
        return None
    blank = re.sub(r"[^\n]", " ", magic[0])
    try:
        return parse_as(suffix, path, blank + text[magic.end() :])
    except DocumentError:
        return None  # the magic fills in `{names}` and `$names` before it writes
