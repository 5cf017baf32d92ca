"""Requirements files that a notebook or a script writes itself (`%%writefile requirements.txt`, a
here-document) and installs by `pip install -r requirements.txt`.
"""

from __future__ import annotations

import posixpath
import re

from loracheck.documents.notebook.written_files import MAGIC
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .requirements_txt import parse_pins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.documents.shell.script import ExpandedCommand

    from .pin import Pin

_START_FOLDERS = ("/content/", "/kaggle/working/")
"""Where Colab and Kaggle run a notebook, so that a name with it and one without are one file."""


class WrittenFile(NamedTuple):
    """A file as one cell or command writes it."""

    name: str
    text: str
    line: int
    """The line that its text begins in, from 1; in a notebook the line of the cell."""

    cell: int | None
    appends: bool = False


def read_written_cell(source: str, number: int) -> WrittenFile | None:
    """The text file that a notebook's cell writes; None for any other cell."""
    magic = MAGIC.match(source)
    if magic is None or not magic[2].endswith(".txt"):
        return None
    appends = re.search(r"\s-a\s|\s--append\s", magic[0]) is not None
    line = source.count("\n", 0, magic.end()) + 1
    return WrittenFile(_normalize(magic[2]), source[magic.end() :], line, number, appends)


def read_here_documents(
    command: ExpandedCommand, source: str, cell: int | None
) -> Iterator[WrittenFile]:
    """The text file that a command writes by a here-document."""
    names = [word.text for word in command.files if word.text.endswith(".txt")]
    if len(names) == 1 and len(command.here_documents) == 1 and command.words[0].text == "cat":
        body = command.here_documents[0]
        line = source.count("\n", 0, body.start) + 1
        yield WrittenFile(_normalize(names[0]), source[body.start : body.end], line, cell)


def list_included(words: Sequence[str]) -> Iterator[str]:
    """The requirements files that the words behind `pip install` name, as `WrittenFile.name`."""
    for number, word in enumerate(words):
        if word in ("-r", "--requirement"):
            yield from map(_normalize, words[number + 1 : number + 2])
        elif word.startswith("--requirement="):
            yield _normalize(word.partition("=")[2])
        elif word.startswith("-r") and len(word) > 2:
            yield _normalize(word[2:])


def read_written_pins(files: list[WrittenFile], sure: bool, file: str) -> Iterator[Pin]:
    """The pins of a requirements file that was written so; `file` is the path of the notebook or
    script, `sure` whether the installing command surely runs.
    """
    for written in files:
        for pin in parse_pins(file, written.text):
            yield pin._replace(
                line=written.line + pin.line - 1, cell=written.cell, conditional=not sure
            )


def _normalize(name: str) -> str:
    path = posixpath.normpath(name)
    for folder in _START_FOLDERS:
        path = path.removeprefix(folder)
    return path
