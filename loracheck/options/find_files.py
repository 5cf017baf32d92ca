"""Which files a run looks at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loracheck.options.gitignore import Ignored

SHELL = (".sh", ".bash", ".zsh", ".slurm", ".sbatch")

SUFFIXES = (".json", ".yaml", ".yml", ".toml", ".py", ".ipynb", *SHELL)
"""Files that a directory is searched for."""

SETTINGS = "loracheck.toml"
"""Our own settings are no config."""

SKIPPED = frozenset(
    {"node_modules", "__pycache__", "site-packages", "venv", "env", "build", "dist"}
)
"""Directories that a search does not enter, beside hidden ones."""


class Input(NamedTuple):
    """A file to read and the path to show for it. `reason` is set where it cannot be read at all;
    `found` tells a file of a searched directory from one that was named.
    """

    path: str
    shown: str
    reason: str | None = None
    found: bool = False


def _nothing(path: str) -> bool:
    return False


def inputs(
    paths: tuple[str, ...],
    excluded: Callable[[str], bool] = _nothing,
    *,
    gitignore: bool = True,
) -> Iterator[Input]:
    """The files of all paths, each once; a directory's files are shown relative to it. What is
    `excluded` is left out, named or found. With `gitignore` a search leaves out what git ignores,
    unless a directory has nothing else: then that is what was meant.
    """
    seen: set[str] = set()
    for path in paths:
        for found in _expand(path, excluded, gitignore):
            if found.path not in seen:
                seen.add(found.path)
                yield found


def _expand(path: str, excluded: Callable[[str], bool], gitignore: bool) -> Iterator[Input]:
    if path == "-":
        yield Input("-", "-")
    elif os.path.isdir(path):
        from loracheck.options.gitignore import below

        yield from _directory(path, excluded, below(path) if gitignore else None)
    elif not excluded(path):
        yield Input(path, _shown(path), _missing(path))


def _directory(
    root: str, excluded: Callable[[str], bool], ignored: Ignored | None
) -> Iterator[Input]:
    """What a search of a directory finds, by path; folders that cannot be entered are among it."""
    closed: list[OSError] = []
    found = dict.fromkeys(_search(root, excluded, ignored, closed.append), "")
    found |= {str(error.filename): f"cannot be searched: {error.strerror}" for error in closed}
    if ignored is not None and not found:
        yield from _directory(root, excluded, None)
        return
    for file in sorted(found):
        shown = root if file == root else os.path.relpath(file, root)
        yield Input(file, _shown(shown), found[file] or None, found=True)
    if not found:
        suffixes = ", ".join(SUFFIXES)
        yield Input(root, _shown(root), f"no config files in this directory ({suffixes})")


def _missing(path: str) -> str | None:
    """Why nothing can be opened there, as far as the name tells."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "no such file or directory"
    except (OSError, ValueError) as error:  # ValueError: a null character
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return None


def _search(
    root: str,
    excluded: Callable[[str], bool],
    ignored: Ignored | None,
    closed: Callable[[OSError], object],
) -> Iterator[str]:
    def out(path: str, folder: bool) -> bool:
        return excluded(path) or (ignored is not None and ignored(path, folder))

    for folder, names, files in os.walk(root, onerror=closed):
        names[:] = [
            name
            for name in sorted(names)
            if name not in SKIPPED
            and not name.startswith(".")
            and not out(os.path.join(folder, name), True)
        ]
        for file in files:
            path = os.path.join(folder, file)
            if file.lower().endswith(SUFFIXES) and file != SETTINGS and not out(path, False):
                yield path


def _shown(path: str) -> str:
    """The path without the bytes that are no text, which nothing could print."""
    return path.encode("utf-8", "replace").decode("utf-8")
