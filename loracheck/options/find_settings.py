"""The settings file of a run: the nearest one upwards. No TOML is parsed here, as every run pays
for this search.
"""

from __future__ import annotations

import os
import re

from loracheck.documents.model import DocumentError
from loracheck.documents.source import load
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = ("loracheck.toml", "pyproject.toml")
_TABLE = rb"""(?m)tool\s*\.\s*["']?loracheck|^\s*\[\s*tool\s*\]"""


def find_settings_file(paths: Iterable[str]) -> str | None:
    """The closest file with settings at or above all of the paths; None where there is none.

    In one folder loracheck.toml counts before pyproject.toml, which counts only where it speaks of
    loracheck. The search ends at the root of the repository: what lies above is somebody else's.
    """
    folder = _compute_common_folder(paths)
    while True:
        for name in NAMES:
            file = os.path.join(folder, name)
            if os.path.isfile(file) and (name == NAMES[0] or _names_loracheck(file)):
                return file
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = above


def _compute_common_folder(paths: Iterable[str]) -> str:
    """The deepest folder that holds all paths (`-` stands in the working directory)."""
    folders = []
    for path in paths:
        full = os.path.abspath("." if path == "-" else path)
        folders.append(full if os.path.isdir(full) else os.path.dirname(full))
    try:
        return os.path.commonpath(folders or [os.getcwd()])
    except ValueError:  # drives of Windows
        return os.getcwd()


def _names_loracheck(file: str) -> bool:
    """Whether a pyproject.toml may have a table of ours; the TOML reader says for certain."""
    try:
        return re.search(_TABLE, load(file)) is not None
    except OSError:
        return False
    except DocumentError:  # who reads the settings says why it cannot be read
        return True
