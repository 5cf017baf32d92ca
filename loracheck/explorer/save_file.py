"""Writes the state to its file, as a whole or not at all, and shows the changes as a diff."""

from __future__ import annotations

import os
from difflib import unified_diff

from loracheck.documents import replace_file
from loracheck.documents.source import decode

from .state import State, end_edit


class SaveError(Exception):
    """The file could not be written; the message says why."""


def diff_lines(state: State) -> list[str]:
    """What saving would change, as the lines of a unified diff without its head."""
    old = decode(state.disk) if state.disk is not None else ""
    rows = unified_diff(old.splitlines(), state.text.splitlines(), lineterm="", n=2)
    return list(rows)[2:]


def save(state: State, path: str) -> State:
    """The state after its text was written to `path`, which may be another file than it came from.

    Raises NotSavedError where that cannot be done, or would overwrite what was not read.
    """
    path = os.path.expanduser(path)
    same_file = state.disk is not None and os.path.realpath(path) == os.path.realpath(state.path)
    try:
        if same_file and state.disk is not None:
            data = replace_file.encode_like(state.disk, state.text)
            replace_file.edit_file(path, state.disk, data)
        else:
            if _get_suffix(path) != _get_suffix(state.name):
                raise SaveError(f"the text is {_get_suffix(state.name)}, so the name must end so")
            data = state.text.encode("utf-8")
            replace_file.write_new_file(path, data)
    except FileExistsError:
        raise SaveError(f"{path} is there already, and was not read") from None
    except OSError as error:
        raise SaveError(f"{path}: {error.strerror or error}") from error
    return end_edit(state)._replace(path=path, disk=data)


def _get_suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def write_new_file(path: str, text: str) -> None:
    """Write a new file. Raises NotSavedError; a file that is there is never replaced."""
    try:
        replace_file.write_new_file(os.path.expanduser(path), text.encode("utf-8"))
    except FileExistsError:
        raise SaveError(f"{path} is there already") from None
    except OSError as error:
        raise SaveError(f"{path}: {error.strerror or error}") from error
