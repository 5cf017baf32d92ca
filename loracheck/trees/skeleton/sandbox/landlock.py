"""Landlock: the kernel lets this process read below some folders, and reach no other file.

Source: the kernel's Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h.
From version 4 of its interface on it refuses TCP as well, from 6 on abstract sockets and signals to
other processes.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import TYPE_CHECKING

from . import kernel

if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Numbers of the system calls, the same on every architecture of this century."""
_ASK_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights over files each version knows, bits from 0 on; later ones know those of 5."""


def restrict(readable: Iterable[str]) -> list[str]:
    """Leave nothing but reading below the paths. Returns the layer's name and version, or nothing
    where the kernel has no Landlock.
    """
    version = kernel.call(_CREATE_RULESET, None, 0, _ASK_VERSION)
    if version < 1 or not kernel.gain_no_privileges():
        return []
    ruleset = kernel.call(_CREATE_RULESET, *_make_sized_buffer(_pack_handled_rights(version)), 0)
    if ruleset < 0:
        return []
    for path in readable:
        _allow(ruleset, path)
    done = kernel.call(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return [f"Landlock {version}"] if done else []


def _pack_handled_rights(version: int) -> bytes:
    """struct landlock_ruleset_attr: the rights over files, the network and other processes that are
    taken away.
    """
    files = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    network = 0b11 if version >= 4 else 0
    scoped = 0b11 if version >= 6 else 0
    fields = [files, *([network] if version >= 4 else []), *([scoped] if version >= 6 else [])]
    return struct.pack(f"={len(fields)}Q", *fields)


def _allow(ruleset: int, path: str) -> None:
    rights = _READ_FILE | (_READ_DIR if os.path.isdir(path) else 0)
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule, _ = _make_sized_buffer(struct.pack("=Qi", rights, opened))
    kernel.call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    os.close(opened)


def _make_sized_buffer(data: bytes) -> tuple[ctypes.Array[ctypes.c_char], int]:
    return ctypes.create_string_buffer(data, len(data)), len(data)
