"""What git ignores below a folder: by `.gitignore` of it, of those above it up to the root of the
repository and of those below, and by `.git/info/exclude`. The user's own file is not asked: others
do not have it.

Source: git-scm.com/docs/gitignore; a test asks git itself.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from .globs import exactly

NAME = ".gitignore"
_LIMIT = 256 * 1024
"""Longest file of patterns that is read, in bytes."""


class Rule(NamedTuple):
    """One line: a pattern, whether it is for folders alone, and whether it takes back."""

    pattern: str
    folders: bool
    negated: bool


class Ignored:
    """The rules that hold below a folder, read as the search comes to them."""

    def __init__(self, top: str, root: str) -> None:
        self._top = top
        self._root = os.path.abspath(root)
        self._given = root
        self._rules: dict[str, list[Rule]] = {}

    def __call__(self, path: str, folder: bool) -> bool:
        """Whether git ignores a path of the search, whose parents it does not ignore."""
        full = os.path.join(self._root, os.path.relpath(path, self._given))
        above = os.path.dirname(full)
        while True:
            name = os.path.relpath(full, above).replace(os.sep, "/")
            for rule in reversed(self._of(above)):
                if (folder or not rule.folders) and exactly(name, rule.pattern):
                    return not rule.negated
            if above == self._top:
                return False
            above = os.path.dirname(above)

    def _of(self, folder: str) -> list[Rule]:
        rules = self._rules.get(folder)
        if rules is None:
            rules = _read(os.path.join(folder, NAME))
            if folder == self._top:
                rules = _read(os.path.join(folder, ".git", "info", "exclude")) + rules
            self._rules[folder] = rules
        return rules


def below(root: str) -> Ignored | None:
    """What is ignored below a folder; None where it is in no repository."""
    folder = os.path.abspath(root)
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return Ignored(folder, root)


def _read(file: str) -> list[Rule]:
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:
            lines = stream.read(_LIMIT).splitlines()
    except OSError:
        return []
    return [rule for line in lines if (rule := _rule(line)) is not None]


def _rule(line: str) -> Rule | None:
    line = re.sub(r"(?<!\\) +$", "", line)
    negated = line.startswith("!")
    pattern = line[negated:].removeprefix("\\")
    if not pattern.strip("/") or line.startswith("#"):
        return None
    return Rule(pattern, pattern.endswith("/"), negated)
