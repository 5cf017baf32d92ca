"""The pins of the nearest folder that has any, upwards to the root of the repository."""

from __future__ import annotations

import os
from importlib import import_module

from loracheck.documents.dependencies import exists, is_file, list_names, remember
from loracheck.documents.model import DocumentError
from loracheck.documents.source import load
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .pin import WORDS, Pin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Reader = Callable[[str, str], Iterator[Pin]]

_READERS = (
    (("uv.lock", "poetry.lock"), (".lock",), "locks"),
    (("requirements", "constraints"), (".txt", ".in"), "requirements_txt"),
    (("pyproject.toml",), (".toml",), "pyproject"),
    (("setup.cfg",), (".cfg",), "setup_cfg"),
    (
        ("environment", "conda-environment", "conda_environment"),
        (".yml", ".yaml"),
        "environment_yml",
    ),
)
"""How a file's name begins and ends, and the module here that reads it, which is imported then."""
_NAMES = "|".join(
    f"{start}*{end}" for starts, ends, _ in _READERS for start in starts for end in ends
)
"""A pattern for the names of all of these."""

_LIMIT = 16 * 1024 * 1024
"""Bytes of the largest file that is read: larger than any lock file that was seen."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""Marks at the start of what `pip freeze > requirements.txt` writes in Windows' PowerShell."""

_INCLUDES = 20
"""Files that one folder's requirements may include."""


class Broken(NamedTuple):
    """A file that may hold pins and cannot be read."""

    file: str
    """Its path."""

    reason: str
    """Why, as the reader says."""


class FoundPins(NamedTuple):
    """What was found of a package on the way up."""

    pins: tuple[Pin, ...]
    """The pins of the nearest folder that has one."""

    broken: tuple[Broken, ...]
    """The files up to there that cannot be read."""


@remember(4096)
def find_nearest_pins(package: str, folder: str) -> FoundPins:
    """The pins of a package in the nearest folder at or above `folder` that has one, and the files
    on the way that cannot be read.
    """
    broken_files: list[Broken] = []
    for here in _list_folders_upwards(os.path.abspath(folder)):
        there = _read_folder_pins(here)
        broken_files += there.broken
        pins = tuple(pin for pin in there.pins if pin.package == package)
        if pins:
            return FoundPins(pins, tuple(broken_files))
    return FoundPins((), tuple(broken_files))


def _list_folders_upwards(folder: str) -> Iterator[str]:
    """The folder and those above it, to the root of the repository. Outside of one: no further up
    than the working directory, and where that does not lie above, the folder alone.
    """
    folders = []
    here = folder
    while True:
        folders.append(here)
        if exists(os.path.join(here, ".git")):
            return iter(folders)
        above = os.path.dirname(here)
        if above == here:
            break
        here = above
    working = os.getcwd()
    return iter(folders[: folders.index(working) + 1] if working in folders else folders[:1])


@remember(4096)
def _read_folder_pins(folder: str) -> FoundPins:
    try:
        names = list_names(folder, _NAMES)
    except OSError:
        return FoundPins((), ())
    pins: list[Pin] = []
    broken_files: list[Broken] = []
    for name in names:
        reader = next(
            (r for starts, ends, r in _READERS if name.startswith(starts) and name.endswith(ends)),
            None,
        )
        path = os.path.join(folder, name)
        if reader is None or not is_file(path):
            continue
        try:
            pins += _read(path, reader, [])
        except (OSError, ValueError, RecursionError) as error:
            broken_files.append(Broken(path, " ".join(str(error).split())[:200]))
    # one file may be reached by its own name and through another's `-r`
    return FoundPins(tuple(dict.fromkeys(pins)), tuple(broken_files))


def _read(path: str, reader: str, seen: list[str]) -> list[Pin]:
    """The pins of a file and, of a requirements file, of those that it includes in its folder or
    below. Raises OSError and ValueError.
    """
    seen.append(os.path.realpath(path))
    try:
        data = load(path, _LIMIT)
    except DocumentError as error:
        raise ValueError(error.reason) from None
    including = reader == "requirements_txt"
    if not including and not any(name.encode() in data.lower() for name in WORDS):
        return []
    text = data.decode("utf-16" if data[:2] in _UTF_16 else "utf-8-sig")
    module = import_module(f"{__package__}.{reader}")
    read: Reader = module.parse_pins
    pins = list(read(path, text))
    if including:
        folder = os.path.dirname(path)
        for name in module.list_includes(text):
            other = os.path.realpath(os.path.join(folder, name))
            inside = other.startswith(os.path.realpath(folder) + os.sep)
            if inside and other not in seen and len(seen) < _INCLUDES and is_file(other):
                pins += _read(os.path.join(folder, name), reader, seen)
    return pins
