"""Symbolic links that lead out of the repository which they lie in. Whoever pushed the link chose
where it leads, so it is neither read nor written through.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

REASON = "this is a symbolic link that leaves the repository, so it is not read"

_SNAPSHOT = r"(?s)(.*[/\\]models--[^/\\]+)[/\\]snapshots[/\\].+"
"""A file in the Hugging Face cache: a link to `blobs` of the same model (huggingface_hub 1.0,
`file_download.py`).
"""


def leaves_repository(path: str, top: str | None = None) -> bool:
    """Whether the path leads, through a link, out of the repository that it lies in.

    That is the nearest folder upwards with a `.git`, else `top` (the folder that is searched), else
    the working directory where the path lies below it. Elsewhere, where there is no repository,
    every path is its user's own.
    """
    folder, name = os.path.split(path)
    if name not in ("", os.curdir, os.pardir) and not os.path.islink(path):
        return _is_folder_outside_repository(folder, top, _get_working_directory())
    return _leads_out(os.path.abspath(path), top)


def join_below(file: str, folder: str) -> str | None:
    """The path of a folder that a file names by a relative text; None for one that does not lie
    beside or below the file: where `..`, a link out of the repository or an absolute path leads.
    """
    inside = os.path.normpath(folder) if folder and "\0" not in folder else os.pardir
    if os.path.isabs(inside) or inside.split(os.sep)[0] == os.pardir:
        return None
    path = os.path.join(os.path.dirname(file), inside)
    return None if leaves_repository(os.path.join(path, "file")) else path


def find_repository(folder: str) -> str | None:
    """The root of the repository that a folder lies in, by its absolute path: the nearest folder
    upwards with a `.git`, else the working directory where the folder lies below it; None where
    there is none.
    """
    return _find_root(folder, _get_working_directory())


MAX_FOLDERS = 8
"""Most folders of `list_folders_above`."""


def list_folders_above(folder: str) -> list[str]:
    """A folder, by its absolute path, and those above it up to the root of its repository."""
    folders, root = [folder], find_repository(folder)
    while root is not None and folders[-1] != root and len(folders) < MAX_FOLDERS:
        folders.append(os.path.dirname(folders[-1]))
    return folders


def is_folder_outside_repository(folder: str) -> bool:
    """Whether the files of a folder that are no links lie outside of the repository."""
    return _is_folder_outside_repository(folder, None, _get_working_directory())


@lru_cache(maxsize=1024)
def _is_folder_outside_repository(
    folder: str, top: str | None, working_directory: str | None
) -> bool:
    """Whether the files of a folder that are no links lie outside of the repository."""
    return _leads_out(os.path.join(os.path.abspath(folder), "file"), top)


def _leads_out(full: str, top: str | None) -> bool:
    folder = os.path.dirname(full)
    root = _find_root(folder, os.path.abspath(top) if top is not None else _get_working_directory())
    if root is None:
        return False
    inside = _resolve(root)
    target = os.path.realpath(full) if os.path.islink(full) else _resolve(folder)
    if target == inside or target.startswith(os.path.join(inside, "")):
        return False
    model = re.fullmatch(_SNAPSHOT, full)
    return model is None or os.path.dirname(target) != os.path.join(_resolve(model[1]), "blobs")


def _get_working_directory() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return None


@lru_cache(maxsize=1024)
def _find_root(folder: str, top: str | None) -> str | None:
    here = folder
    while not os.path.exists(os.path.join(here, ".git")):
        above = os.path.dirname(here)
        if above == here:
            inside = top is not None and os.path.join(folder, "").startswith(os.path.join(top, ""))
            return top if inside else None
        here = above
    return here


_resolve = lru_cache(maxsize=1024)(os.path.realpath)
