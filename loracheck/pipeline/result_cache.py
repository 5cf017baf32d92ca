"""`ResultCache`: results of earlier runs, by the bytes of the file and all that the verdict depends
on beside them.

A result counts while the file has the same bytes, loracheck, Python and the settings are the same,
and each file and folder that was looked at for it is what it was (`documents/dependencies.py`). It
lies in the user's own cache folder, as JSON with a digest in front: what is damaged is as if it
were not there. Processes that run at once write whole files, and the last one stays.
"""

from __future__ import annotations

import json
import os
from time import time_ns
from typing import TYPE_CHECKING, Any

from loracheck.documents.dependencies import read_state

from .result_codec import decode_result, encode_result

if TYPE_CHECKING:
    from loracheck.documents.dependencies import Dependencies, State
    from loracheck.results import FileResult

FORMAT = 1
MOST_RESULTS = 50_000
"""Results of one file of the cache; those of the last run are kept first."""
MAX_BYTES = 64 << 20
"""Longest file of the cache that is read or written."""
MOST_FILES = 200
"""Files of the cache; the oldest go first."""
SETTLED_NS = 2_000_000_000
"""Age in nanoseconds from which a file's times tell of any change: a clock of a file system may
tick every two seconds (FAT), so that two writes within a tick look like one.
"""

Entry = tuple[str, int, list[Any]]
"""The digest of the file's bytes, the number of what it depends on, and the result's values."""


def digest(data: bytes) -> str:
    """A digest that nobody can find a second text for; not of OpenSSL, which takes long to load."""
    try:
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b
    return str(blake2b(data, digest_size=20).hexdigest())


class ResultCache:
    """The results of one root under one set of circumstances; `path` is the cache's file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._entries: dict[str, Entry] = {}
        self._groups: list[list[Any]] = []
        self._numbers: dict[str, int] = {}
        self._current: dict[int, bool] = {}
        self._states: dict[tuple[str, str], State] = {}
        self._used: dict[str, Entry] = {}
        self._new: list[tuple[str, str, list[Any], list[Any]]] = []
        self._changed = False
        self._read()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: str, content: bytes, mark: str, shown: str, path: str) -> FileResult | None:
        """The result of the file that `key` stands for, where it has that content and nothing
        that it depends on has changed.
        """
        entry = self._entries.get(key)
        if entry is None or entry[0] != mark or not self._is_current(entry[1]):
            return None
        try:
            result = decode_result(entry[2], content, shown, path)
        except (ValueError, TypeError, IndexError):
            return None
        self._used[key] = entry
        return result

    def add(
        self, key: str, content: bytes, mark: str, result: FileResult, found: Dependencies
    ) -> None:
        """Keep a result, where it may be kept."""
        if not found.lasting or not _is_settled(found):
            return
        values = encode_result(result, content)
        if values is not None:
            group = [[*look, [*state]] for look, state in sorted(found.states.items())]
            self._new.append((key, mark, group, values))

    def take_new(self) -> list[tuple[str, str, list[Any], list[Any]]]:
        """What was added in this process since the last call, for `put_new` of another one."""
        new, self._new = self._new, []
        return new

    def put_new(self, new: list[tuple[str, str, list[Any], list[Any]]]) -> None:
        """Take over what `take_new` gave."""
        for key, mark, group, values in new:
            self._used[key] = (mark, self._number(group), values)
            self._changed = True

    def save(self) -> None:
        """Write the file, where anything is new; a folder that cannot be written is no error."""
        self.put_new(self.take_new())
        if not self._changed:
            return
        old = {key: entry for key, entry in self._entries.items() if key not in self._used}
        kept = dict([*self._used.items(), *reversed(old.items())][:MOST_RESULTS])
        groups: dict[int, int] = {}
        entries = {
            key: [mark, groups.setdefault(group, len(groups)), values]
            for key, (mark, group, values) in kept.items()
        }
        body = json.dumps([FORMAT, [self._groups[n] for n in groups], entries]).encode()
        if len(body) <= MAX_BYTES:
            _write(self._path, f"{digest(body)}\n".encode() + body)

    def _read(self) -> None:
        """Read the file, if it is there and whole."""
        from loracheck.documents.model import DocumentError
        from loracheck.documents.source import load

        try:
            mark, _, body = load(self._path, MAX_BYTES + 100, anywhere=True).partition(b"\n")
            if mark.decode() != digest(body):
                return
            version, self._groups, self._entries = json.loads(body)
        except (OSError, DocumentError, ValueError, TypeError, RecursionError):
            return
        if version != FORMAT:
            self._groups, self._entries = [], {}
        self._numbers = {json.dumps(group): n for n, group in enumerate(self._groups)}

    def _number(self, group: list[Any]) -> int:
        text = json.dumps(group)
        if text not in self._numbers:
            self._numbers[text] = len(self._groups)
            self._groups.append(group)
        return self._numbers[text]

    def _is_current(self, number: int) -> bool:
        """Whether all that a group of results depends on is what it was; looked at once a run."""
        current = self._current.get(number)
        if current is None:
            current = all(
                [*self._state(path, names)] == state for path, names, state in self._groups[number]
            )
            self._current[number] = current
        return current

    def _state(self, path: str, names: str) -> State:
        if (path, names) not in self._states:
            self._states[path, names] = read_state(path, names)
        return self._states[path, names]


def _is_settled(found: Dependencies) -> bool:
    """Whether nothing that was looked at was changed just before."""
    latest = time_ns() - SETTLED_NS
    times = (
        time
        for (_, names), state in found.states.items()
        if not names
        for time in (*state[3:5], *state[9:11])  # of a link and of what it leads to
    )
    return all(time < latest for time in times)


def _write(path: str, text: bytes) -> None:
    from loracheck.documents.replace_file import replace_file

    try:
        folder = os.path.dirname(path)
        others = [os.path.join(folder, name) for name in os.listdir(folder)]
        for old in sorted(others, key=os.path.getmtime)[: max(0, len(others) - MOST_FILES)]:
            os.unlink(old)
        replace_file(path, text)
    except OSError:
        return
