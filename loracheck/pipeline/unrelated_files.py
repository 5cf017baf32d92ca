"""`UnrelatedFiles`: the files of a search that earlier runs saw to have nothing to do with LoRA, so
that they are not read again.

A file counts as such while its folder is what it was: each file in it with the same name, inode,
size and times of content and of status, which no program can set back. As git's index, it does not
believe what was changed just before it was looked at. It lies beside the cache of results.
"""

from __future__ import annotations

import json
import os
from stat import S_ISREG
from time import time_ns

from loracheck.documents.dependencies import SETTLED_NS
from loracheck.type_checking import TYPE_CHECKING

from .cache_file import create_digest, read_lines, write_lines
from .relevance import Search

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_NAMES = 200_000
"""Names that are kept, those of this run first; one run finds no more (some 20 MB)."""


def describe_files(folder: str) -> str:
    """A digest of the regular files of a folder as they are now; "" where one was changed just
    before, or where the folder cannot be listed.
    """
    latest = 0
    rows = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if S_ISREG(status.st_mode):
                    modified, status_change = status.st_mtime_ns, status.st_ctime_ns
                    latest = max(latest, modified, status_change)
                    rows.append(
                        f"{entry.name}/{status.st_ino} {status.st_size} {modified} {status_change}"
                    )
    except OSError:
        return ""
    if latest > time_ns() - SETTLED_NS:
        return ""
    check = create_digest()
    check.update("/".join(sorted(rows)).encode("utf-8", "surrogateescape"))
    return str(check.hexdigest())


class UnrelatedFiles:
    """The unrelated files of one search; `path` is the file that keeps them."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._entries: dict[str, tuple[str, set[str]]] = {}
        self._new: dict[str, tuple[str, set[str]]] = {}
        self._room = MOST_NAMES
        self._search = Search()
        self._folder: str | None = None
        self._known: set[str] = set()
        self._found: set[str] | None = None
        """The new unrelated files of the folder; None where it changes too fast to keep them."""

        try:
            for line in read_lines(path):
                folder, state, names = json.loads(line)
                self._entries[folder] = (state, set(names))
        except (ValueError, TypeError, RecursionError):
            self._entries = {}

    def find_related(self, paths: Iterable[str]) -> set[str]:
        """As `Search.find_related`, which is asked where nothing is known."""
        unknown: dict[str, set[str] | None] = {}
        for path in paths:
            folder, _, name = path.rpartition(os.sep)
            if folder != self._folder:
                self._enter(folder)
            if name not in self._known:
                unknown[path] = self._found
        related = self._search.find_related(unknown)
        for path, found in unknown.items():
            if found is not None and path not in related and self._room > 0:
                self._room -= 1
                found.add(path[path.rfind(os.sep) + 1 :])
        return related

    def _enter(self, folder: str) -> None:
        """Take up a folder: its state, and what is known of its files in that state."""
        self._folder, state = folder, describe_files(folder or os.sep)
        known_state, names = self._entries.get(folder, ("", set()))
        self._known = names if known_state == state else set()
        self._found = self._new.setdefault(folder, (state, set()))[1] if state else None

    def save(self) -> None:
        """Write the file, where anything is new; a folder that cannot be written is no error."""
        new = {folder: names for folder, names in self._new.items() if names[1]}
        if not new:
            return
        for folder, (state, names) in new.items():
            known_state, known = self._entries.pop(folder, ("", set()))
            self._entries[folder] = (state, names | known if known_state == state else names)
        lines, room = [], MOST_NAMES
        for folder, (state, names) in reversed(self._entries.items()):
            room -= len(names)
            if room < 0:
                break
            lines.append(json.dumps([folder, state, sorted(names)]))
        write_lines(self._path, lines)
