"""`ResultCache`: results of earlier runs, by the bytes of the file and all that the verdict depends
on beside them.

A result counts while the file has the same bytes, loracheck, Python and the settings are the same,
and each file and folder that was looked at for it is what it was (`documents/dependencies.py`). It
lies in the user's own cache folder (`cache_file.py`).
"""

from __future__ import annotations

import json
from time import time_ns

from loracheck.documents.dependencies import SETTLED_NS, read_state
from loracheck.type_checking import TYPE_CHECKING

from .cache_file import read_lines, write_lines
from .result_codec import decode_result, encode_result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.dependencies import Dependencies, State
    from loracheck.results import FileResult

FORMAT = 3
MOST_RESULTS = 50_000
"""Results of one file of the cache; those of the last run are kept first."""
MAX_NEW = 16 << 20
"""Bytes of results that one run adds: it keeps them in memory until its end."""
Entry = tuple[str, int, str]
"""The digest of the file's bytes, the number of what it depends on, and the result as a text."""
NewResult = tuple[str, str, str, str]
"""The key, the digest of the file's bytes, what it depends on as JSON, and the result as a text."""


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
        self._new: list[NewResult] = []
        self._shared: dict[str, str] = {}
        self._room = MAX_NEW
        self._changed = False
        self._read()

    def __len__(self) -> int:
        return len(self._entries)

    def find(
        self, key: str, content: bytes, mark: str, display_path: str, path: str
    ) -> FileResult | None:
        """The result of the file that `key` stands for, where it has that content and nothing
        that it depends on has changed.
        """
        entry = self._entries.get(key)
        if entry is None or entry[0] != mark or not self._is_current(entry[1]):
            return None
        try:
            result = decode_result(entry[2], content, display_path, path)
        except (ValueError, TypeError, IndexError):
            return None
        self._used[key] = entry
        return result

    def add(
        self, key: str, content: bytes, mark: str, result: FileResult, dependencies: Dependencies
    ) -> None:
        """Keep a result, where it may be kept."""
        if not dependencies.lasting or not _is_settled(dependencies):
            return
        text = encode_result(result, content) if self._room > 0 else None
        if text is not None:
            group = json.dumps(
                [[*look, [*state]] for look, state in sorted(dependencies.states.items())]
            )
            self._room -= len(key) + len(text) + 200 + len(group) * (group not in self._shared)
            group = self._shared.setdefault(group, group)  # most files of a folder have the same
            self._new.append((key, mark, group, text))

    def take_new(self) -> list[NewResult]:
        """What was added in this process since the last call, for `put_new`."""
        new, self._new = self._new, []
        return new

    def put_new(self, new: list[NewResult]) -> None:
        """Take over what `take_new` gave, as much as there is room for."""
        groups = {group for _, _, group, _ in new if group not in self._numbers}
        self._room -= sum(len(key) + len(text) + 200 for key, _, _, text in new)
        self._room -= sum(map(len, groups))
        if self._room > 0:
            self._keep(new)

    def _keep(self, new: list[NewResult]) -> None:
        for key, mark, group, text in new:
            self._used[key] = (mark, self._number(group), text)
            self._changed = True

    def save(self) -> None:
        """Write the file, where anything is new; a folder that cannot be written is no error."""
        self._keep(self.take_new())
        if not self._changed:
            return
        old = {key: entry for key, entry in self._entries.items() if key not in self._used}
        entries = [*self._used.items(), *reversed(old.items())][:MOST_RESULTS]
        write_lines(self._path, self._build_lines(entries))

    def _build_lines(self, entries: list[tuple[str, Entry]]) -> Iterator[str]:
        """The file's lines: what results depend on, then the results."""
        numbers = {n: place for place, n in enumerate(dict.fromkeys(e[1] for _, e in entries))}
        yield json.dumps([FORMAT, [self._groups[n] for n in numbers]])
        for key, (mark, n, text) in entries:
            yield json.dumps([key, mark, numbers[n], text])

    def _read(self) -> None:
        """Read the file, if it is there and whole."""
        try:
            first, *rows = read_lines(self._path) or (b"[]",)
            version, groups = json.loads(first) or (None, [])
            if version == FORMAT:
                self._groups = groups
                for row in rows:
                    key, *entry = json.loads(row)
                    self._entries[key] = (entry[0], entry[1], entry[2])
        except (ValueError, TypeError, IndexError, RecursionError):
            self._groups, self._entries = [], {}
            return
        self._numbers = {json.dumps(group): n for n, group in enumerate(self._groups)}

    def _number(self, group: str) -> int:
        if group not in self._numbers:
            self._numbers[group] = len(self._groups)
            self._groups.append(json.loads(group))
        return self._numbers[group]

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


def _is_settled(dependencies: Dependencies) -> bool:
    """Whether nothing that was looked at was changed just before."""
    latest = time_ns() - SETTLED_NS
    times = (
        time
        for (_, names), state in dependencies.states.items()
        if not names
        for time in (*state[3:5], *state[9:11])  # of a link and of what it leads to
    )
    return all(time < latest for time in times)
