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
"""Of a notebook the text is JSON, in which `\\npip` may stand before."""


def find_own_pins(document: Document) -> tuple[Pin, ...]:
    """The pins that a notebook or a script gives itself, by `pip install` or as its metadata; most
    files have none, and are read no further for it.
    """
    text = document.text
    if document.format not in _FORMATS or not ("install" in text or "# /// script" in text):
        return ()
    if not _INSTALL.search(text):
        return ()
    if not any(name in text for name in WORDS):
        return ()
    from .install_commands import read_install_commands

    return read_install_commands(document.format, document.path, text)


def find_pins(package: str, document: Document) -> tuple[Pin, ...]:
    """The pins of a package that decide for a file."""
    own = tuple(pin for pin in find_own_pins(document) if pin.package == package)
    return own or find_nearest_pins(package, dirname(document.path)).pins
