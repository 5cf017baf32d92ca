"""The pins that decide for one file: its own, and where it has none those of its project."""

from __future__ import annotations

import re
from os.path import dirname

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .find import find_nearest_pins
from .pin import WORDS, Pin

if TYPE_CHECKING:
    from loracheck.documents.model import Document

_FORMATS = ("notebook", "cell", "shell", "python")
_INSTALL = compile_when_used(r"pip3?[ \t]+install\b|^# /// script\b", re.MULTILINE)


def find_own_pins(document: Document) -> tuple[Pin, ...]:
    """The pins that a notebook or a script gives itself, by `pip install` or as its metadata; most
    files have none, and are read no further for it.
    """
    source = document.source
    if document.format not in _FORMATS or not ("install" in source or "# /// script" in source):
        return ()
    if not _INSTALL.search(source):
        return ()
    if not any(name in source for name in WORDS):
        return ()
    from .install_commands import read_install_commands

    return read_install_commands(document.format, document.path, document.text)


def find_pins(package: str, document: Document) -> tuple[Pin, ...]:
    """The pins of a package that decide for a file."""
    own = tuple(pin for pin in find_own_pins(document) if pin.package == package)
    return own or find_nearest_pins(package, dirname(document.path)).pins
