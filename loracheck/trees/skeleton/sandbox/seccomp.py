"""seccomp: a filter in the kernel that refuses sockets, programs, new processes and whatever
reaches into other processes or the kernel.

Source: the kernel's Documentation/userspace-api/seccomp_filter.rst, include/uapi/linux/filter.h
and seccomp.h; numbers from asm/unistd_64.h and asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from typing import NamedTuple

from . import kernel


class _Machine(NamedTuple):
    """An architecture: its audit number, its seccomp(2), and the calls in question."""

    audit: int
    seccomp: int
    clone: int
    refused: tuple[int, ...]


_CLONE3 = 435
_EVERYWHERE = (424, 425, 438)
"""pidfd_send_signal, io_uring_setup, pidfd_getfd."""
_X86_64 = (
    *(41, 42, 49, 50, 53),  # socket connect bind listen socketpair
    *(57, 58, 59, 322),  # fork vfork execve execveat
    *(62, 101, 310, 311, 312),  # kill ptrace process_vm_readv process_vm_writev kcmp
    *(155, 161, 165, 166, 272, 308),  # pivot_root chroot mount umount2 unshare setns
    *(169, 175, 176, 313),  # reboot init_module delete_module finit_module
    *(248, 249, 250),  # add_key request_key keyctl
    *(298, 304, 321, 323),  # perf_event_open open_by_handle_at bpf userfaultfd
)
_AARCH64 = (  # the same in the same order; there is no fork and no vfork
    *(198, 203, 200, 201, 199),
    *(221, 281),
    *(129, 117, 270, 271, 272),
    *(41, 51, 40, 39, 97, 268),
    *(142, 105, 106, 273),
    *(217, 218, 219),
    *(241, 265, 280, 282),
)
_MACHINES = {
    "x86_64": _Machine(0xC000003E, 317, 56, _X86_64),
    "aarch64": _Machine(0xC00000B7, 277, 220, _AARCH64),
}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_K with BPF_JEQ, BPF_JGE, BPF_JSET, and BPF_RET|BPF_K."""
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in struct seccomp_data; the lower half of the argument, both being little-endian."""
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_CLONE_THREAD, _X32 = 0x00010000, 0x40000000
_SET_MODE_FILTER, _ALL_THREADS = 1, 1


def restrict() -> list[str]:
    """Refuse those calls in all threads. Returns the layer's name, or nothing where it cannot
    hold.
    """
    machine = _MACHINES.get(os.uname().machine)
    if machine is None or struct.calcsize("P") != 8 or not kernel.gain_no_privileges():
        return []
    lines = build_program(machine)
    code = ctypes.create_string_buffer(b"".join(lines), 8 * len(lines))
    fields = struct.pack("@HP", len(lines), ctypes.addressof(code))
    given = ctypes.create_string_buffer(fields, len(fields))
    done = kernel.call(machine.seccomp, _SET_MODE_FILTER, _ALL_THREADS, given) == 0
    return ["seccomp"] if done else []


def build_program(machine: _Machine) -> list[bytes]:
    """The filter: another architecture's calls end the process, refused ones fail with EPERM. A new
    thread is allowed, a new process is not; clone3, whose flags a filter cannot see, is answered
    as by a kernel that has none, and the C library takes clone.
    """
    refused, unknown = _ERROR | errno.EPERM, _ERROR | errno.ENOSYS
    numbers = (*machine.refused, *_EVERYWHERE)
    return [
        _pack_instruction(_LOAD, _ARCHITECTURE),
        _pack_instruction(_EQUAL, machine.audit, 1, 0),
        _pack_instruction(_RETURN, _KILL),
        _pack_instruction(_LOAD, _NUMBER),
        _pack_instruction(_AT_LEAST, _X32, 0, 1),
        _pack_instruction(_RETURN, refused),
        *(step for number in numbers for step in _build_equal_test(number, refused)),
        *_build_equal_test(_CLONE3, unknown),
        _pack_instruction(_EQUAL, machine.clone, 0, 3),
        _pack_instruction(_LOAD, _FIRST_ARGUMENT),
        _pack_instruction(_ANY_BIT, _CLONE_THREAD, 1, 0),
        _pack_instruction(_RETURN, refused),
        _pack_instruction(_RETURN, _ALLOW),
    ]


def _build_equal_test(number: int, answer: int) -> list[bytes]:
    return [_pack_instruction(_EQUAL, number, 0, 1), _pack_instruction(_RETURN, answer)]


def _pack_instruction(code: int, value: int, matched: int = 0, otherwise: int = 0) -> bytes:
    """struct sock_filter: an instruction and how many lines to leap over."""
    return struct.pack("=HBBI", code, matched, otherwise, value)
