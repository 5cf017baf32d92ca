"""System calls that Python has no function for, through the C library.

ctypes is all that the standard library offers for Landlock and seccomp. It is used before the audit
hook is set, with constants of this folder alone, and refused from then on.
"""

from __future__ import annotations

import ctypes

_SET_NO_NEW_PRIVS = 38
"""PR_SET_NO_NEW_PRIVS of linux/prctl.h: what follows is allowed to everybody, not only to root."""

_library = ctypes.CDLL(None, use_errno=True)


def call(number: int, *args: int | ctypes.Array[ctypes.c_char] | None) -> int:
    """The system call of that number; -1 where the system refuses it."""
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in args]
    answer = _library.syscall(ctypes.c_long(number), *given)
    return int(answer)


def gain_no_privileges() -> bool:
    """Give up ever to gain privileges; both layers ask for it."""
    none = [ctypes.c_ulong(0)] * 3
    return bool(_library.prctl(_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), *none) == 0)
