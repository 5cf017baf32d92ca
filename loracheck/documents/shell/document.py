"""Shell scripts: the options of each command, as far as the words are literal. Nothing is run.

Each root is one command that has options (shell_options.py says how they are nested); `commands`
gives for each root its words. Numbers and truth values are converted, as the parser behind the
option would; `$NAME` is filled in where the script itself gives NAME one literal value, and unknown
else. Files that the script writes by here-documents stand in `embedded`. A text that never says
`lora` or `peft` has no roots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents.tree_document import Located, Place, TreeDocument
from loracheck.documents.values import MAX_VALUES

from .options import options
from .script import run

if TYPE_CHECKING:
    from loracheck.documents.lines import Lines

    from .embedded import Embedded
    from .word_expansion import Variables, Word


MAX_FILES = 100
"""Most files that are read out of one script."""


class Command(NamedTuple):
    """The words of a root's command; `complete` is False where it may have further options."""

    words: list[Word]
    complete: bool


class ShellDocument(TreeDocument):
    """A `Document` whose roots are the options of commands."""

    commands: list[Command]
    embedded: list[Embedded]


def parse(path: str, text: str) -> ShellDocument:
    """The document of a shell script; it has no faults that would stop the reading."""
    return read(path, text, None)


def read(path: str, text: str, outer: Variables | None) -> ShellDocument:
    """The same; with `outer`, the variables of the script that this one stands in, no files inside
    it are read: scripts in scripts in scripts have no end.
    """
    roots: list[Any] = []
    places: list[Place] = []
    found: list[Command] = []
    inside: list[Embedded] = []
    low = text.lower()
    for line in run(text, outer) if "lora" in low or "peft" in low else ():
        root, place, complete = options(line.words)
        if root and len(roots) < MAX_VALUES:
            roots.append(root)
            places.append(place)
            found.append(Command(line.words, complete))
        full = outer is not None or len(inside) >= MAX_FILES
        if not full and (line.given or len(line.words) > 2):
            from .embedded import embedded

            inside += embedded(path, text, line)[: MAX_FILES - len(inside)]

    def locate(text: str, lines: Lines) -> Located:
        return Located(places, [])

    document = ShellDocument(path, text, "shell", roots, locate)
    document.commands = found
    document.embedded = inside
    return document
