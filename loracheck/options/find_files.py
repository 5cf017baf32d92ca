"""The files that a run reads, out of the paths that it was given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from loracheck.documents.repository import REASON, leaves_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .gitignore import GitIgnore

SHELL = (".sh", ".bash", ".zsh", ".slurm", ".sbatch")

SUFFIXES = (".json", ".yaml", ".yml", ".toml", ".py", ".ipynb", *SHELL)
"""Files that a directory is searched for."""

SETTINGS = "loracheck.toml"
"""The settings file, which is no LoRA config."""

SKIPPED = frozenset(
    {"node_modules", "__pycache__", "site-packages", "venv", "env", "build", "dist"}
)
"""Directories that a search does not enter, beside hidden ones."""


class InputFile(NamedTuple):
    """A file to read."""

    path: str
    """Its path, to open it; `-` is standard input."""

    shown: str
    """Its path in the report."""

    reason: str | None = None
    """Why it cannot be read at all."""

    from_search: bool = False
    """Whether it was found in a folder; False for a file that was named."""

    left_out: bool = False
    """Whether it is not to be read, which is no fault of the run and only worth a note."""


def _never(path: str) -> bool:
    return False


def _say_nothing(path: str) -> None:
    pass


def find_files(
    paths: tuple[str, ...],
    excluded: Callable[[str], bool] = _never,
    *,
    gitignore: bool = True,
    notify_empty: Callable[[str], object] = _say_nothing,
) -> Iterator[InputFile]:
    """The files of all paths, each once; a directory's files are shown relative to it. What is
    `excluded` is left out, named or found. With `gitignore` a search leaves out what git ignores,
    unless a directory has nothing else: then that is what was meant. `notify_empty` gets the path
    of each directory that has no file of a known kind.
    """
    seen: set[str] = set()
    for path in paths:
        empty = True
        for found in _expand(path, excluded, gitignore):
            empty = False
            if found.path not in seen:
                seen.add(found.path)
                yield found
        if empty and os.path.isdir(path):
            notify_empty(path)


def _expand(path: str, excluded: Callable[[str], bool], gitignore: bool) -> Iterator[InputFile]:
    if path == "-":
        yield InputFile("-", "-")
    elif os.path.isdir(path):
        from .gitignore import find_gitignore

        yield from _directory(path, excluded, find_gitignore(path) if gitignore else None)
    elif not excluded(path):
        yield InputFile(path, _printable_path(path), _why_unreadable(path))


def _directory(
    root: str, excluded: Callable[[str], bool], ignored: GitIgnore | None
) -> Iterator[InputFile]:
    """What a search of a directory finds, by path; folders that cannot be entered are among it."""
    closed: list[OSError] = []
    found = dict.fromkeys(_search(root, excluded, ignored, closed.append), "")
    links = {path for path in found if os.path.islink(path) and leaves_repository(path, root)}
    found |= dict.fromkeys(links, REASON)
    found |= {str(error.filename): f"cannot be searched: {error.strerror}" for error in closed}
    if ignored is not None and not found:
        yield from _directory(root, excluded, None)
        return
    for file in sorted(found):
        shown = root if file == root else os.path.relpath(file, root)
        reason = found[file] or None
        yield InputFile(
            file, _printable_path(shown), reason, from_search=True, left_out=file in links
        )


def _why_unreadable(path: str) -> str | None:
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
    ignored: GitIgnore | None,
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


def _printable_path(path: str) -> str:
    """The path without the bytes that are no text, which nothing could print."""
    return path.encode("utf-8", "replace").decode("utf-8")
