"""The files that a run reads, out of the paths that it was given."""

from __future__ import annotations

import os

from loracheck.documents.formats import is_modelfile
from loracheck.documents.repository import REASON, leaves_repository
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .gitignore import GitIgnore

SHELL = (".sh", ".bash", ".zsh", ".slurm", ".sbatch")

SUFFIXES = (".json", ".yaml", ".yml", ".toml", ".py", ".ipynb", *SHELL, ".modelfile")
"""Files that a directory is searched for."""

SETTINGS = "loracheck.toml"
"""The settings file, which is no LoRA config."""

SKIPPED = frozenset(
    {"node_modules", "__pycache__", "site-packages", "venv", "env", "build", "dist"}
)
"""Directories that a search does not enter, beside hidden ones and virtual environments."""

ENVIRONMENT = "pyvenv.cfg"
"""The file that makes a folder a virtual environment, whatever it is called (PEP 405)."""


class InputFile(NamedTuple):
    """A file to read."""

    path: str
    """Its path, to open it; `-` is standard input."""

    display_path: str
    """Its path in the report."""

    reason: str | None = None
    """Why it cannot be read at all."""

    from_search: bool = False
    """Whether it was found in a folder; False for a file that was named."""

    is_skipped: bool = False
    """Whether it is not to be read, which is no fault of the run and only worth a note."""

    is_unrelated: bool = False
    """Whether a first look has shown that it has nothing to do with LoRA."""


def _never(path: str) -> bool:
    return False


def _say_nothing(path: str) -> None:
    pass


def find_files(
    paths: tuple[str, ...],
    is_excluded: Callable[[str], bool] = _never,
    *,
    gitignore: bool = True,
    notify_empty: Callable[[str], object] = _say_nothing,
) -> Iterator[InputFile]:
    """The files of all paths, each once; a directory's files are shown relative to it.

    What `is_excluded` says of is left out, named or found. With `gitignore` a search leaves out
    what git ignores, unless a directory has nothing else: then that is what was meant.
    `notify_empty` gets the path of each directory that has no file of a known kind.
    """
    real_paths: set[str] = set()
    for path in paths:
        empty = True
        for file in _expand(path, is_excluded, gitignore):
            empty = False
            if len(paths) == 1:  # a search finds no file twice
                yield file
            elif file.path not in real_paths:
                real_paths.add(file.path)
                yield file
        if empty and os.path.isdir(path):
            notify_empty(path)


def _expand(path: str, is_excluded: Callable[[str], bool], gitignore: bool) -> Iterator[InputFile]:
    if path == "-":
        yield InputFile("-", "-")
    elif os.path.isdir(path):
        from .gitignore import find_gitignore

        yield from _search_directory(path, is_excluded, find_gitignore(path) if gitignore else None)
    elif not is_excluded(path):
        yield InputFile(path, _make_printable(path), _explain_unreadable(path))


def _search_directory(
    root: str, is_excluded: Callable[[str], bool], ignored: GitIgnore | None
) -> Iterator[InputFile]:
    """What a search of a directory finds, in the order of the paths; folders that cannot be entered
    are among it. Where git ignores all of it, that is what was meant.
    """
    files = _search(root, is_excluded, ignored)
    first = next(files, None)
    if first is None and ignored is not None:
        files = _search(root, is_excluded, None)
    elif first is not None:
        yield first
    yield from files


def _explain_unreadable(path: str) -> str | None:
    """Why nothing can be opened there, as far as the name tells."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "no such file or directory"
    except (OSError, ValueError) as error:  # ValueError: a null character
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return None


def _search(
    root: str, is_excluded: Callable[[str], bool], ignored: GitIgnore | None
) -> Iterator[InputFile]:
    """The files below a folder; one folder's names are in memory at a time, and those of the
    folders above it.
    """
    waiting: list[Iterator[_FoundFile]] = [iter([_FoundFile(root, "", is_folder=True)])]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
        elif not entry.is_folder:
            yield _build_input_file(entry, root)
        else:
            try:
                waiting.append(iter(_list_folder(entry, is_excluded, ignored)))
            except OSError as error:
                reason = f"cannot be searched: {error.strerror}"
                display_path = _make_printable(entry.display_path or root)
                yield InputFile(entry.path, display_path, reason, from_search=True)


class _FoundFile(NamedTuple):
    path: str
    display_path: str
    """The path from the folder that is searched."""

    is_folder: bool
    is_link: bool = False

    def order(self) -> str:
        """By this all paths of a search are in the order of their letters: a folder's slash
        counts.
        """
        return f"{self.display_path}{os.sep}" if self.is_folder else self.display_path


def _list_folder(
    folder: _FoundFile, is_excluded: Callable[[str], bool], ignored: GitIgnore | None
) -> list[_FoundFile]:
    """What a search looks at in a folder: nothing of a virtual environment, unless it is where the
    search begins. Raises OSError where it cannot be listed.
    """
    files = []
    with os.scandir(folder.path) as entries:
        for entry in entries:
            if entry.name == ENVIRONMENT and folder.display_path:
                return []
            one = _look_at(entry, folder)
            if one is None or is_excluded(one.path):
                continue
            if ignored is None or not ignored(one.path, one.is_folder):
                files.append(one)
    return sorted(files, key=_FoundFile.order)


def _look_at(entry: os.DirEntry[str], folder: _FoundFile) -> _FoundFile | None:
    """A file or folder that a search may have something to do with, by its name and kind."""
    name = entry.name
    low = name.lower()
    is_config = (low.endswith(SUFFIXES) and name != SETTINGS) or is_modelfile(low)
    if not is_config and (name in SKIPPED or name.startswith(".")):
        return None
    is_link = entry.is_symlink()
    try:
        is_folder = entry.is_dir()
    except OSError:  # a link that leads in a circle
        is_folder = False
    if is_folder and (is_link or name in SKIPPED or name.startswith(".")):
        return None
    if not is_folder and not is_config:
        return None
    display_path = f"{folder.display_path}{os.sep}{name}" if folder.display_path else name
    return _FoundFile(entry.path, display_path, is_folder, is_link)


def _build_input_file(file: _FoundFile, root: str) -> InputFile:
    left_out = file.is_link and leaves_repository(file.path, root)
    reason = REASON if left_out else None
    display_path = _make_printable(file.display_path)
    return InputFile(file.path, display_path, reason, True, left_out)  # by name costs more


def _make_printable(path: str) -> str:
    """The path without the bytes that are no text, which nothing could print."""
    return path if path.isascii() else path.encode("utf-8", "replace").decode("utf-8")
