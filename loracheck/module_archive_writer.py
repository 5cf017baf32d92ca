"""`write_archive`: the file of the package's compiled modules, as `module_archive.py` reads it."""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress

from loracheck.module_archive import FOLDER, LENGTH, MAGIC, UNREADABLE, is_current
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from loracheck.module_archive import ModuleArchive, ModuleEntry

    Collection = tuple[dict[str, ModuleEntry], list[dict[str, CodeType]]]

MOST = 32
"""Modules of a section: its bytes are held while it is read, and the more they are, the more memory
a run needs; fewer have fewer names in common.
"""


def write_archive(archive: ModuleArchive, new: list[str], divided: list[int]) -> None:
    """Write the file with the modules `new` too and with the sections `divided` in two, as
    `find_changes` says; nothing where it cannot be written.
    """
    with suppress(OSError):  # a folder that is not ours to write to
        _write(archive.path, *_collect_sections(archive, new, divided))


def _collect_sections(archive: ModuleArchive, new: list[str], divided: list[int]) -> Collection:
    """What is to stand in the file: what it has that is still current, and the modules `new`. A
    section of `divided` becomes two: what this run has loaded, and what it has not. Raises OSError.
    """
    entries = {
        name: entry
        for name, entry in archive.entries.items()
        if name not in new and is_current(entry)
    }
    sections = []
    for number in range(len(archive.sections)):
        codes = {}
        with suppress(*UNREADABLE):  # a file that another process has removed
            codes = {n: c for n, c in archive.read_section(number).items() if n in entries}
        if number in divided:
            sections.append({n: codes.pop(n) for n in archive.uses[number] if n in codes})
        sections.append(codes)
    for start in range(0, len(new), MOST):
        more, codes = _collect_new(new[start : start + MOST])
        entries |= more
        sections.append(codes)
    return entries, [codes for codes in sections if codes]


def _collect_new(new: list[str]) -> tuple[dict[str, ModuleEntry], dict[str, CodeType]]:
    """The entries and the code of modules that are loaded."""
    entries: dict[str, ModuleEntry] = {}
    codes: dict[str, CodeType] = {}
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
            entries[name] = (source, is_package, stat.st_mtime_ns, stat.st_size, 0)
            codes[name] = code
    return entries, codes


def _write(path: str, entries: dict[str, ModuleEntry], sections: list[dict[str, CodeType]]) -> None:
    """Write the file as a whole. Raises OSError."""
    parts, index, places, begin = [], {}, [], 0
    for number, codes in enumerate(sections):
        parts.append(marshal.dumps(codes))
        places.append((begin, len(parts[-1]), len(codes)))
        begin += len(parts[-1])
        index.update({name: (*entries[name][:4], number) for name in codes})
    table = marshal.dumps((FOLDER, index, places))
    lengths = (length.to_bytes(LENGTH, "little") for length in (len(table), begin))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = f"{path}.{os.getpid()}"
    try:
        with open(part, "xb") as file:
            file.write(b"".join((MAGIC, *lengths, table)))
            file.writelines(parts)
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            os.unlink(part)
        raise
