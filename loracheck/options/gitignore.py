"""The files below a folder that git ignores.

Read are the `.gitignore` files of the folder, of those above it up to the root of the repository
and of those below it, and `.git/info/exclude`. The user's own file of patterns is left alone, as
others who check the same repository do not have it.

Source: git-scm.com/docs/gitignore; a test asks git itself.
"""

from __future__ import annotations

import os

from loracheck.documents.model import DocumentError
from loracheck.documents.source import load
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple

from .globs import matches_exactly

NAME = ".gitignore"
_LIMIT = 256 * 1024
"""Longest file of patterns that is read, in bytes."""
MAX_PATTERN = 1_000
"""Longest pattern that is used, in characters: the longest path on Linux has 4,096 bytes."""
MAX_WILD = 1_000
"""Patterns with wildcards that are used of one folder; the longest .gitignore files in use have
some hundred. What follows is passed over.
"""
WILD = frozenset("*?[\\")


class Pattern(NamedTuple):
    """One line of a file of patterns."""

    glob: str
    """The pattern, without `!`."""

    folders_only: bool
    """Whether it ends in a slash, and so stands for folders alone."""

    negated: bool
    """Whether it begins with `!`: what matches is not ignored."""


_ENDING = compile_when_used(r"\*(\.[^*?\[\\/.]+)/?")
"""`*.log`: a name at any depth that ends so."""


class PatternFile:
    """The patterns of one folder. Those without wildcards and those for a suffix are looked up, so
    that only the others, of which there are at most MAX_WILD, cost time for each path.
    """

    def __init__(self, patterns: list[Pattern]) -> None:
        self._plain: dict[str, list[tuple[int, Pattern]]] = {}
        self._endings: dict[str, list[tuple[int, Pattern]]] = {}
        self._wild: list[tuple[int, Pattern]] = []
        for number, pattern in enumerate(patterns):
            ending = _ENDING.fullmatch(pattern.glob)
            if WILD.isdisjoint(pattern.glob):
                self._plain.setdefault(_build_plain_key(pattern.glob), []).append((number, pattern))
            elif ending is not None:
                self._endings.setdefault(ending[1], []).append((number, pattern))
            elif len(self._wild) < MAX_WILD:
                self._wild.append((number, pattern))

    def find_last(self, name: str, folder: bool) -> Pattern | None:
        """The last pattern that stands for a path, relative to the patterns' folder."""
        at, latest = -1, None
        last = name.rpartition("/")[2]
        near = [self._plain.get(f"/{name}", ()), self._plain.get(last, ())]
        near += [self._endings.get(last[dot:], ()) for dot, sign in enumerate(last) if sign == "."]
        for number, pattern in (one for patterns in near if patterns for one in patterns):
            if number > at and (folder or not pattern.folders_only):
                at, latest = number, pattern
        for number, pattern in reversed(self._wild):
            if number < at:
                break
            if (folder or not pattern.folders_only) and matches_exactly(name, pattern.glob):
                return pattern
        return latest


_Level = tuple[tuple[str, PatternFile], ...]
"""Pairs of a way ("sub/deep/") and the patterns of the folder that it begins at."""


def _build_plain_key(glob: str) -> str:
    """A name at any depth, or a slash and the path from the patterns' folder."""
    name = glob.removesuffix("/")
    return f"/{name.removeprefix('/')}" if "/" in name else name


class GitIgnore:
    """The patterns that hold below a folder; each file of patterns is read when it is needed."""

    def __init__(self, top: str, root: str) -> None:
        self._top = top
        self._root = os.path.abspath(root)
        self._given = root
        self._folders: dict[str, _Level] = {}
        self._levels: dict[str, _Level] = {}

    def __call__(self, path: str, folder: bool) -> bool:
        """Whether git ignores a path of the search, whose parents it does not ignore."""
        above, name = os.path.split(path)
        level = self._folders.get(above)
        if level is None:
            full = os.path.join(self._root, os.path.relpath(above or os.curdir, self._given))
            level = self._folders[above] = self._load_level(os.path.normpath(full))
        for start, patterns in level:
            pattern = patterns.find_last(f"{start}{name}", folder)
            if pattern is not None:
                return not pattern.negated
        return False

    def _load_level(self, folder: str) -> _Level:
        """What decides on the names in a folder: its own patterns and those of each folder above
        it, the nearest first, with the way from there; only those that have any.
        """
        level = self._levels.get(folder)
        if level is None:
            lines = _read(os.path.join(folder, NAME))
            above: _Level = ()
            if folder == self._top:
                lines = _read(os.path.join(folder, ".git", "info", "exclude")) + lines
            else:
                parent, name = os.path.split(folder)
                above = tuple((f"{way}{name}/", file) for way, file in self._load_level(parent))
            level = (("", PatternFile(lines)), *above) if lines else above
            self._levels[folder] = level
        return level


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
        lines = load(file, _LIMIT).decode("utf-8-sig", "replace").split("\n")
    except (OSError, DocumentError):
        return []
    return [pattern for line in lines if (pattern := _parse_line(line)) is not None]


def _parse_line(line: str) -> Pattern | None:
    line = _trim_trailing_spaces(line.removesuffix("\r"))
    is_negated = line.startswith("!")
    pattern = line[is_negated:]
    if not pattern.strip("/") or line.startswith("#") or len(pattern) > MAX_PATTERN:
        return None
    return Pattern(pattern, pattern.endswith("/"), is_negated)


def _trim_trailing_spaces(line: str) -> str:
    """The line without the spaces at its end, but for one behind a backslash that is none itself
    behind one (git's dir.c, trim_trailing_spaces).
    """
    rest = line.rstrip(" ")
    slashes = len(rest) - len(rest.rstrip("\\"))
    return f"{rest} " if slashes % 2 and len(rest) < len(line) else rest
