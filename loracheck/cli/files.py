"""Which files a run looks at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".json", ".yaml", ".yml", ".py")
"""Files that a directory is searched for."""

SKIPPED = frozenset(
    {"node_modules", "__pycache__", "site-packages", "venv", "env", "build", "dist"}
)
"""Directories that a search does not enter, beside hidden ones."""


class Input(NamedTuple):
    """A file to read and the path to show for it. `reason` is set where it cannot be read at
    all.
    """

    path: str
    shown: str
    reason: str | None = None


def inputs(paths: tuple[str, ...]) -> Iterator[Input]:
    """The files of all paths, each once; a directory's files are shown relative to it."""
    seen: set[str] = set()
    for path in paths:
        for found in _expand(path):
            if found.path not in seen:
                seen.add(found.path)
                yield found


def _expand(path: str) -> Iterator[Input]:
    if path == "-":
        yield Input("-", "-")
    elif os.path.isdir(path):
        found = sorted(_search(path))
        yield from (Input(file, os.path.relpath(file, path)) for file in found)
        if not found:
            yield Input(path, path, f"no config files in this directory ({', '.join(SUFFIXES)})")
    elif os.path.lexists(path):
        yield Input(path, path)
    else:
        yield Input(path, path, "no such file or directory")


def _search(root: str) -> Iterator[str]:
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if n not in SKIPPED and not n.startswith("."))
        yield from (os.path.join(folder, file) for file in files if file.endswith(SUFFIXES))
