"""What a verdict depends on beside the text of its file: the other files, folders and environment
variables that were looked at on the way, each with its state at the first look of the run.

Whoever looks at a file of the user's or a stranger's does it by the functions here or by
`source.py`, and whoever remembers what such a look gave remembers it with `remember`: so that the
cache of results knows of every look. A test holds all modules to it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import update_wrapper
from time import time_ns

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from typing import Any, Generic, TypeVar

    T = TypeVar("T")
else:
    T = None

    class Generic:
        """Stands for `typing.Generic`."""

        def __class_getitem__(cls, parameter: object) -> type:
            return cls


VARIABLE = "$"
"""Stands in a `Look` for an environment variable."""

Look = tuple[str, str]
"""A path, and for the names in a folder the pattern of those that count, else ""; or the name of an
environment variable, and VARIABLE. A pattern is the beginning and the end of a name with `*` in
between, or several with `|`; a name that begins with a dot counts nowhere.
"""

State = tuple["Any", ...]
"""What a path was: empty where there is nothing; for a file what tells it from every other one and
from any earlier content (mode, inode, size, times of content and of status), and for a link that,
where it leads, and the same of what is there; for names themselves; for a variable its value.
"""

MAX_NAMES = 200
"""Names of a folder that a state keeps; where there are more it is never the same again."""

MAX_FOLDERS = 256
"""Folders whose names are kept in memory."""

SETTLED_NS = 2_000_000_000
"""Age in nanoseconds from which a file's times tell of any change: a clock of a file system may
tick every two seconds (FAT), so that two writes within a tick look like one.
"""


class Dependencies:
    """The looks of one verdict."""

    def __init__(self) -> None:
        self.states: dict[Look, State] = {}
        self.lasting = True
        """False where the verdict hangs on something else too, as on how much time there was."""

    def take(self, other: Dependencies) -> None:
        """Depend on all that another verdict depends on."""
        self.states.update(other.states)
        self.lasting = self.lasting and other.lasting


_under_way: list[Dependencies] = []
"""The verdicts and the remembered calls that are being worked out, the innermost last."""


@contextmanager
def record_dependencies() -> Iterator[Dependencies]:
    """Note what is looked at meanwhile."""
    dependencies = Dependencies()
    _under_way.append(dependencies)
    try:
        yield dependencies
    finally:
        _under_way.remove(dependencies)


def note_look(path: str, names: str = "") -> None:
    """Say that a path is about to be looked at, or the names of a folder that match `names`, or an
    environment variable (`names` is VARIABLE).
    """
    if _under_way:
        states = _under_way[-1].states
        if (path, names) not in states:
            states[path, names] = read_state(path, names)


def note_chance() -> None:
    """Say that the verdict may be another one the next time."""
    if _under_way:
        _under_way[-1].lasting = False


def read_state(path: str, names: str = "") -> State:
    """The state of a path as it is now; never raises."""
    if names == VARIABLE:
        value = os.environ.get(path)
        return () if value is None else (value,)
    try:
        if names:
            entries = _list_names(path, names)
            return (
                tuple(entries) if len(entries) <= MAX_NAMES else (len(entries), os.urandom(8).hex())
            )
        status = os.lstat(path)
        state = _mark(status)
        if status.st_mode & 0o170000 == 0o120000:
            return (*state, os.readlink(path), *_mark(os.stat(path)))
    except (OSError, ValueError):
        return ()
    return state


def _mark(status: os.stat_result) -> State:
    return (
        status.st_mode,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def is_file(path: str) -> bool:
    """`os.path.isfile`, noted."""
    note_look(path)
    return os.path.isfile(path)


def exists(path: str) -> bool:
    """`os.path.lexists`, noted."""
    note_look(path)
    return os.path.lexists(path)


def list_names(folder: str, names: str) -> list[str]:
    """The names in a folder that match, sorted, noted. Raises OSError."""
    note_look(folder, names)
    return _list_names(folder, names)


_listed: dict[tuple[str, str], tuple[tuple[int, ...], list[str]]] = {}
"""The names in a folder that match, and what the folder was before they were read: another working
directory makes a relative path another folder, which its device and number tell.
"""


def _list_names(folder: str, names: str) -> list[str]:
    """The names in a folder that match, sorted. They are read again only where the folder has
    changed: each of a thousand files beside each other asks for them. Raises OSError.
    """
    folder = folder or "."
    status = os.stat(folder)
    state = status.st_dev, *_mark(status)
    entry = _listed.get((folder, names))
    if entry is None or entry[0] != state:
        before = time_ns()
        selected = _select_names(os.listdir(folder), names)
        if before - max(status.st_mtime_ns, status.st_ctime_ns) < SETTLED_NS:
            return selected  # the next change may leave the folder's times as they are
        if len(_listed) >= MAX_FOLDERS:
            _listed.clear()
        entry = _listed[folder, names] = state, selected
    return list(entry[1])


def _select_names(listed: list[str], names: str) -> list[str]:
    """Those that match, sorted."""
    selected: set[str] = set()
    for pattern in names.split("|"):
        begin, _, end = pattern.partition("*")
        selected.update(one for one in listed if one.startswith(begin) and one.endswith(end))
    return sorted(one for one in selected if one[0] != ".")


def get_variable(name: str) -> str | None:
    """The value of an environment variable, noted; None where it is not set."""
    note_look(name, VARIABLE)
    return os.environ.get(name)


class RememberedFunction(Generic[T]):
    """A function whose last results are remembered, and what each depends on."""

    def __init__(self, function: Callable[..., T], most: int) -> None:
        update_wrapper(self, function)
        self._function = function
        self._most = most
        self._known: dict[tuple[Any, ...], tuple[T, Dependencies]] = {}

    def __call__(self, *values: Hashable) -> T:
        """The result for the values. An exception is raised again each time, and not remembered."""
        results = self._known.get(values)
        if results is None:
            dependencies = Dependencies()
            _under_way.append(dependencies)
            try:
                result = self._function(*values)
            finally:
                _under_way.remove(dependencies)
                if _under_way:
                    _under_way[-1].take(dependencies)
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[values] = (result, dependencies)
            return result
        if _under_way:
            _under_way[-1].take(results[1])
        return results[0]

    def cache_clear(self) -> None:
        """Forget all."""
        self._known.clear()


def remember(most: int) -> Callable[[Callable[..., T]], RememberedFunction[T]]:
    """A decorator for a function of hashable values that looks at files: `functools.lru_cache`, but
    a remembered result still counts as the looks that gave it.
    """

    def decorate(function: Callable[..., T]) -> RememberedFunction[T]:
        return RememberedFunction(function, most)

    return decorate
