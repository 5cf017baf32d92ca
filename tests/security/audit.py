"""What a command asks of the system, written down by strace: programs, connections, files that are
opened for writing or changed, and every byte that leaves.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

CALLS = (
    "execve,execveat,connect,sendto,sendmsg,bind,ptrace,openat,open,creat,write,pwrite64,writev,"
    "unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,"
    "chmod,fchmodat,truncate,mknod,mknodat"
)
FOLLOW = ("-f", "--seccomp-bpf")
"""Child processes too; the kernel stops them for the calls above only (strace 5.3)."""

SENT = frozenset({"write", "pwrite64", "writev", "sendto", "sendmsg"})
OPENED = frozenset({"open", "openat", "creat"})
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")
_CALL = re.compile(r"^\d+ +(\w+)\((.*)$")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass
class Record:
    """What was asked for."""

    programs: list[str] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    """Absolute paths that were opened for writing, made, renamed or taken away."""
    sent: str = ""
    other: list[str] = field(default_factory=list)


@cache
def has_strace() -> bool:
    """Whether strace is installed and may follow a process."""
    program = shutil.which("strace")
    if program is None:
        return False
    done = subprocess.run(
        [program, *FOLLOW, "-o", os.devnull, "true"], capture_output=True, check=False
    )
    return done.returncode == 0


def wrap(command: list[str], log: Path) -> list[str]:
    """The command under strace, which writes to `log`."""
    return [
        "strace",
        *FOLLOW,
        "-qq",
        "-s",
        "65536",
        "-e",
        f"trace={CALLS}",
        "-o",
        str(log),
        *command,
    ]


def read_log(log: Path, folder: Path) -> Record:
    """The record of a command that ran in the folder."""
    record = Record()
    for line in log.read_text("utf-8", "replace").splitlines():
        found = _CALL.match(line)
        if found is None:
            continue
        name, rest = found.groups()
        texts = _TEXT.findall(rest)
        if name in ("execve", "execveat"):
            record.programs += texts[:1]
        elif name in SENT:
            record.sent += rest
        elif name == "connect":
            if "AF_UNIX" not in rest:  # glibc asks nscd for bash's user
                record.connections.append(rest)
        elif name in ("bind", "ptrace"):
            record.other.append(line)
        elif name not in OPENED or WRITING.search(rest):
            record.changed |= {os.path.join(folder, text) for text in texts}
    return record
