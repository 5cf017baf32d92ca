"""The audit hook (PEP 578): what Python itself is about to do is allowed, or raises.

What is not known here is refused. The events are those of Python's "Audit events table"; a hook
cannot be taken away again. It is no wall against machine code, which the kernel's layers are.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from .refusal import NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HARMLESS = (
    "array builtins code compile exec function gc glob marshal object pathlib sys _thread time"
)
_ALLOWED = frozenset(_HARMLESS.split())
"""First parts of events that reach nothing outside of the process, or are followed by an event
that does (`glob` and `pathlib` by `os.scandir`).
"""
_REFUSED = frozenset(("sys.remote_exec",))
"""The one of those that does reach another process (Python 3.14)."""
_READING = frozenset(("os.listdir", "os.scandir"))
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def install(readable: Sequence[str]) -> None:
    """Refuse from now on everything but computing, and reading below `readable` (absolute paths
    without symbolic links).
    """
    sys.addaudithook(_build_hook(tuple(readable)))


def _build_hook(readable: tuple[str, ...]) -> Callable[[str, tuple[Any, ...]], None]:
    below = tuple(os.path.join(path, "") for path in readable)

    def is_readable(path: Any) -> bool:
        real = os.path.realpath(os.fsdecode(path))
        return real in readable or real.startswith(below)

    def check(event: str, args: tuple[Any, ...]) -> None:
        if event.partition(".")[0] in _ALLOWED and event not in _REFUSED:
            return
        if event == "import":
            if args[1] is None or is_readable(args[1]):
                return
            raise NotAllowedError(f"import of {args[1]!r}")
        if event == "open":
            path, mode, flags = args
            if _is_read_only(mode, flags) and not isinstance(path, int) and is_readable(path):
                return
            raise NotAllowedError(f"open of {path!r}")
        if event in _READING and isinstance(args[0], (str, bytes)) and is_readable(args[0]):
            return
        raise NotAllowedError(f"{event} {args[0]!r:.100}" if args else event)

    return check


def _is_read_only(mode: Any, flags: Any) -> bool:
    return not (isinstance(mode, str) and set(mode) & set("wax+")) and not flags & _WRITES
