"""The files below a folder that git ignores.

Read are the `.gitignore` files of the folder, of those above it up to the root of the repository
and of those below it, and `.git/info/exclude`. The user's own file of patterns is left alone, as
others who check the same repository do not have it.

Source: git-scm.com/docs/gitignore; a test asks git itself.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from loracheck.documents.model import DocumentError
from loracheck.documents.source import load

from .globs import matches_exactly

NAME = ".gitignore"
_LIMIT = 256 * 1024
"""Longest file of patterns that is read, in bytes."""


class Pattern(NamedTuple):
    """One line of a file of patterns."""

    glob: str
    """The pattern, without `!`."""

    folders_only: bool
    """Whether it ends in a slash, and so stands for folders alone."""

    negated: bool
    """Whether it begins with `!`: what matches is not ignored."""


class GitIgnore:
    """The patterns that hold below a folder; each file of patterns is read when it is needed."""

    def __init__(self, top: str, root: str) -> None:
        self._top = top
        self._root = os.path.abspath(root)
        self._given = root
        self._patterns: dict[str, list[Pattern]] = {}

    def __call__(self, path: str, folder: bool) -> bool:
        """Whether git ignores a path of the search, whose parents it does not ignore."""
        full = os.path.join(self._root, os.path.relpath(path, self._given))
        above = os.path.dirname(full)
        while True:
            name = os.path.relpath(full, above).replace(os.sep, "/")
            for pattern in reversed(self._patterns_of(above)):
                if (folder or not pattern.folders_only) and matches_exactly(name, pattern.glob):
                    return not pattern.negated
            if above == self._top:
                return False
            above = os.path.dirname(above)

    def _patterns_of(self, folder: str) -> list[Pattern]:
        patterns = self._patterns.get(folder)
        if patterns is None:
            patterns = _read(os.path.join(folder, NAME))
            if folder == self._top:
                patterns = _read(os.path.join(folder, ".git", "info", "exclude")) + patterns
            self._patterns[folder] = patterns
        return patterns


def find_gitignore(root: str) -> GitIgnore | None:
    """The patterns that hold below a folder; None where it is in no repository."""
    folder = os.path.abspath(root)
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return GitIgnore(folder, root)


def _read(file: str) -> list[Pattern]:
    try:
        if os.path.islink(file):  # git follows none (2.32), so that nobody chooses where it leads
            return []
        lines = load(file, _LIMIT).decode("utf-8", "replace").splitlines()
    except (OSError, DocumentError):
        return []
    return [pattern for line in lines if (pattern := _parse_line(line)) is not None]


def _parse_line(line: str) -> Pattern | None:
    line = re.sub(r"(?<!\\) +$", "", line)
    negated = line.startswith("!")
    pattern = line[negated:]
    if not pattern.strip("/") or line.startswith("#"):
        return None
    return Pattern(pattern, pattern.endswith("/"), negated)
