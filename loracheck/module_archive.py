"""`ModuleArchive`: the package's compiled modules, loaded from one file.

A check loads some 300 small modules. Python looks for each in folders and opens a file for it,
which takes longer than running it. So the compiled modules are put together into one file beside
Python's own compiled files (`__pycache__`, or where PYTHONPYCACHEPREFIX says). It is trusted as
those are, and held against the source's time and size as those are; where it cannot be written, or
is damaged, the modules come from their own files. It bears the name that Python would give to the
compiled `module_archive_file.py`, so that whoever removes loracheck removes it too.

The file has sections: modules that a run loaded together, marshalled as one, so that a name that
many modules have is read once. Only the sections that a run needs are read. One of which a run used
less than half is split at its end, so that every kind of run soon finds little that it does not
need, whatever the first run was.
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec
from importlib.util import MAGIC_NUMBER, cache_from_source

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType
    from typing import Any

PACKAGE = __name__.partition(".")[0]
FOLDER = os.path.dirname(os.path.abspath(__file__))

MAGIC = b"loracheck modules 2\n" + MAGIC_NUMBER
LENGTH = 8
"""Bytes of each of the two numbers behind the magic: the lengths of the table and of the sections.
"""

ModuleEntry = tuple[str, bool, int, int, int]
"""Of a module: the path of its source, whether it is a package, the source's time in nanoseconds
and its size, and the number of its section.
"""

Section = tuple[int, int, int]
"""Where in the file it begins, its length, and how many modules it has: a marshalled dictionary of
their code by name.
"""

FileMark = tuple[int, int]
"""What tells a file from one that has taken its place: inode and time in nanoseconds."""

UNREADABLE = (OSError, ValueError, EOFError, TypeError)
"""What reading a file raises that is missing, damaged or of another Python."""


class ModuleArchive:
    """Finds and loads the package's modules, as `sys.meta_path` wants it."""

    def __init__(
        self,
        path: str,
        entries: dict[str, ModuleEntry],
        sections: Sequence[Section] = (),
        mark: FileMark = (0, 0),
    ) -> None:
        self.path = path
        self.entries = entries
        self.sections = sections
        self._mark = mark
        self._codes: dict[str, CodeType] = {}
        self._stale: set[str] = set()
        self.uses: dict[int, list[str]] = {}
        """Section -> its modules that were loaded from it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module whose source is what it was; None for any other."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        if not is_current(entry) or not self._has_code(name, entry[4]):
            self._stale.add(name)
            return None
        source, is_package, *_ = entry
        spec = ModuleSpec(name, self, origin=source, is_package=is_package)  # type: ignore[arg-type]
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(source)]
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python to make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        name = module.__name__
        module.__file__, _, _, _, section = self.entries[name]
        self.uses.setdefault(section, []).append(name)
        exec(self.get_code(name), vars(module))
        self._codes.pop(name, None)

    def get_code(self, name: str) -> CodeType:
        """The compiled module. Raises ImportError where the file has been removed since."""
        if not self._has_code(name, self.entries[name][4]):
            raise ImportError(f"no compiled {name} in {self.path}", name=name)
        return self._codes[name]

    def _has_code(self, name: str, section: int) -> bool:
        """Whether the module's code is there, or can be read."""
        if name not in self._codes:
            with suppress(*UNREADABLE):
                self._codes |= self.read_section(section)
        return name in self._codes

    def read_section(self, section: int) -> dict[str, CodeType]:
        """The modules' code of a section. Raises what UNREADABLE says, also where another process
        has written the file anew since its table was read.
        """
        begin, length, _ = self.sections[section]
        with open(self.path, "rb", buffering=0) as file:
            if _mark(file.fileno()) != self._mark:
                raise OSError("another file than the table's")
            file.seek(begin)
            codes: dict[str, CodeType] = marshal.loads(file.read(length))
        return codes

    def find_changes(self) -> tuple[list[str], list[int]] | None:
        """Why the file is to be written anew, None where it is not: modules of the package that
        were loaded and that it does not have, and sections that were read for little.
        """
        new, divided = self.list_new_modules(), self.list_little_used()
        return (new, divided) if (new or divided) and not sys.dont_write_bytecode else None

    def list_new_modules(self) -> list[str]:
        """The modules of the package that were loaded and are not here as they are now."""
        begin = f"{PACKAGE}."
        return [
            name
            for name in sys.modules
            if name.startswith(begin) and (name not in self.entries or name in self._stale)
        ]

    def list_little_used(self) -> list[int]:
        """The sections that were read for less than half of their modules."""
        return [n for n, names in self.uses.items() if 2 * len(names) < self.sections[n][2]]

    def is_package(self, name: str) -> bool:
        """Whether a module is a package."""
        return self.entries[name][1]

    def get_source(self, name: str) -> str:
        """The text of a module, for tracebacks."""
        with open(self.entries[name][0], encoding="utf-8") as file:
            return file.read()

    def get_data(self, path: str) -> bytes:
        """The bytes of a file beside a module, for `pkgutil.get_data`."""
        with open(path, "rb") as file:
            return file.read()

    def get_resource_reader(self, name: str) -> Any:
        """What lies beside a package, for `importlib.resources`; without it a page of `explain`
        would not find its style.
        """
        from importlib.readers import FileReader
        from types import SimpleNamespace

        return FileReader(SimpleNamespace(path=self.entries[name][0]))  # type: ignore[arg-type]


def is_current(entry: ModuleEntry) -> bool:
    """Whether a module's source is what it was."""
    try:
        stat = os.stat(entry[0])
    except OSError:
        return False
    return stat.st_mtime_ns == entry[2] and stat.st_size == entry[3]


def install_archive() -> ModuleArchive:
    """Load the package's modules out of the file from now on, as far as it has them."""
    path = cache_from_source(os.path.join(FOLDER, "module_archive_file.py"))
    archive = ModuleArchive(path, *_read_table(path))
    sys.meta_path.insert(0, archive)
    return archive


def _mark(file: int) -> FileMark:
    status = os.fstat(file)
    return status.st_ino, status.st_mtime_ns


def _read_table(path: str) -> tuple[dict[str, ModuleEntry], Sequence[Section], FileMark]:
    """The table of the file: its modules and sections, and which file it is; nothing where it is no
    file of this Python, or a piece of one.
    """
    nothing: tuple[dict[str, ModuleEntry], Sequence[Section], FileMark] = {}, (), (0, 0)
    try:
        with open(path, "rb", buffering=0) as file:
            head = file.read(len(MAGIC) + 2 * LENGTH)
            if head[: len(MAGIC)] != MAGIC:
                return nothing
            length = int.from_bytes(head[len(MAGIC) : -LENGTH], "little")
            rest = int.from_bytes(head[-LENGTH:], "little")
            start = len(head) + length
            if os.fstat(file.fileno()).st_size != start + rest:
                return nothing
            mark = _mark(file.fileno())
            folder, entries, sections = marshal.loads(file.read(length))
    except UNREADABLE:
        return nothing
    moved = [(start + begin, length, count) for begin, length, count in sections]
    return (entries, moved, mark) if folder == FOLDER else nothing
