"""`ModuleArchive`: the package's compiled modules, loaded from one file.

A check loads some 300 small modules. Python looks for each in folders and opens a file for it,
which takes longer than running it. So the compiled modules are put together into one file beside
Python's own compiled files (`__pycache__`, or where PYTHONPYCACHEPREFIX says). It is trusted as
those are, and held against the source's time and size as those are; where it cannot be written, or
is damaged, the modules come from their own files. It bears the name that Python would give to the
compiled `module_archive_file.py`, so that whoever removes loracheck removes it too.
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

_MAGIC = b"loracheck modules 1\n" + MAGIC_NUMBER
_LENGTH = 8
"""Bytes of each of the two numbers behind the magic: the lengths of the table and of the codes."""

ModuleEntry = tuple[str, bool, int, int, int, int]
"""Of a module: the path of its source, whether it is a package, the source's time in nanoseconds
and its size, and where in the file its code stands: offset and length.
"""


class ModuleArchive:
    """Finds and loads the package's modules, as `sys.meta_path` wants it."""

    def __init__(self, path: str, entries: dict[str, ModuleEntry], codes: memoryview) -> None:
        self.path = path
        self.entries = entries
        self._codes = codes
        self._stale: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module whose source is what it was; None for any other."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        source, is_package, time, size, _, _ = entry
        try:
            stat = os.stat(source)
        except OSError:
            return None
        if stat.st_mtime_ns != time or stat.st_size != size:
            self._stale.add(name)
            return None
        spec = ModuleSpec(name, self, origin=source, is_package=is_package)  # type: ignore[arg-type]
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(source)]
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python to make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        module.__file__ = self.entries[module.__name__][0]
        exec(self.get_code(module.__name__), vars(module))

    def get_code(self, name: str) -> CodeType:
        """The compiled module."""
        *_, offset, length = self.entries[name]
        code: CodeType = marshal.loads(self._codes[offset : offset + length])
        return code

    def list_new_modules(self) -> list[str]:
        """The modules of the package that were loaded and are not here as they are now."""
        begin = f"{PACKAGE}."
        return [
            name
            for name in sys.modules
            if name.startswith(begin) and (name not in self.entries or name in self._stale)
        ]

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


def install_archive() -> ModuleArchive:
    """Load the package's modules out of the file from now on, as far as it has them."""
    path = cache_from_source(os.path.join(FOLDER, "module_archive_file.py"))
    archive = ModuleArchive(path, *_read(path))
    sys.meta_path.insert(0, archive)
    return archive


def _read(path: str) -> tuple[dict[str, ModuleEntry], memoryview]:
    """The table of the file, and the modules' code; nothing where it is no file of this Python, or
    a piece of one.
    """
    nothing: tuple[dict[str, ModuleEntry], memoryview] = {}, memoryview(b"")
    try:
        with open(path, "rb") as file:
            data = memoryview(file.read())
        if data[: len(_MAGIC)] != _MAGIC:
            return nothing
        middle, start = len(_MAGIC) + _LENGTH, len(_MAGIC) + 2 * _LENGTH
        end = start + int.from_bytes(data[len(_MAGIC) : middle], "little")
        if end + int.from_bytes(data[middle:start], "little") != len(data):
            return nothing
        folder, entries = marshal.loads(data[start:end])
    except (OSError, ValueError, EOFError, TypeError):
        return nothing
    return (entries, data[end:]) if folder == FOLDER else nothing


def update_archive(archive: ModuleArchive) -> None:
    """Write the file anew where modules of the package were loaded that it does not have."""
    new = archive.list_new_modules()
    if not new or sys.dont_write_bytecode:
        return
    try:
        entries, codes = _collect(archive, new)
        _write(archive.path, entries, codes)
    except OSError:  # a folder that is not ours to write to
        return


def _collect(archive: ModuleArchive, new: list[str]) -> tuple[dict[str, ModuleEntry], list[bytes]]:
    """What is to stand in the file: what it has that is still current, and what is new."""
    entries: dict[str, ModuleEntry] = {}
    codes: list[bytes] = []
    for name, entry in archive.entries.items():
        if name not in new and archive.find_spec(name) is not None:
            entries[name] = entry
            codes.append(marshal.dumps(archive.get_code(name)))
    for name in new:
        module = sys.modules[name]
        source: str | None = getattr(module, "__file__", None)
        loader: Any = getattr(module, "__loader__", None)
        if not source or not source.startswith(FOLDER) or not hasattr(loader, "get_code"):
            continue
        stat = os.stat(source)
        code = loader.get_code(name)
        if code is not None and os.stat(source).st_mtime_ns == stat.st_mtime_ns:
            is_package = hasattr(module, "__path__")
            entries[name] = (source, is_package, stat.st_mtime_ns, stat.st_size, 0, 0)
            codes.append(marshal.dumps(code))
    return entries, codes


def _write(path: str, entries: dict[str, ModuleEntry], codes: list[bytes]) -> None:
    """Write the file as a whole. Raises OSError."""
    offset, index = 0, {}
    for (name, entry), code in zip(entries.items(), codes, strict=True):
        index[name] = (*entry[:4], offset, len(code))
        offset += len(code)
    table = marshal.dumps((FOLDER, index))
    lengths = (length.to_bytes(_LENGTH, "little") for length in (len(table), offset))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = f"{path}.{os.getpid()}"
    try:
        with open(part, "xb") as file:
            file.write(b"".join((_MAGIC, *lengths, table)))
            file.writelines(codes)
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            os.unlink(part)
        raise
