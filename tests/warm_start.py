"""The children that build trees and convert names, forked from one that has imported the library:
an interpreter's start and the imports are nine tenths of what a build costs, and say nothing of it.

Everything else is as ever: `skeleton/main.py` reads its settings, bounds itself, enters the sandbox
and answers, each request in a process of its own. The start from scratch is tested by the folders
and files of FROM_SCRATCH, by tests with the mark `cold_start`, and by each `loracheck` that tests
start as a new process.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from loracheck.interpreter import build_environment
from loracheck.trees import child

if TYPE_CHECKING:
    from loracheck.interpreter import Interpreter
    from loracheck.trees.child import Limits

FROM_SCRATCH = (
    "lora_files/test_hostile.py",
    "sandbox/test_child.py",
    "sandbox/test_layers.py",
    "security",
    "trees/test_builds.py",
    "trees/test_libraries.py",
    "trees/test_skeleton_library.py",
)
"""Files and folders of tests that are about the child process itself; single tests have the mark
`cold_start`.
"""
_PROGRAM = Path(__file__).parent / "warm_process.py"

start_from_scratch = child._start
LIBRARIES: list[subprocess.Popen[bytes]] = []
"""The processes that fork; each ends with the last process that has its socket."""


class WarmChild:
    """A forked child, with as much of subprocess.Popen as `loracheck.trees.child` asks for."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], status: IO[bytes]) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.returncode: int | None = None
        self._status = status
        self._process = int(status.readline())

    def kill(self) -> None:
        """End the child, if it is not over."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)

    def wait(self) -> int:
        """The child's exit status, as subprocess.Popen has it, once it is over."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(int(self._status.readline()))
            self._status.close()
        return self.returncode


def start_warm(
    chosen: Interpreter, limits: Limits, library: str, empty: str, errors: IO[bytes]
) -> Any:
    """As `loracheck.trees.child._start`, with a fork instead of a new interpreter."""
    if chosen.program != sys.executable:
        return start_from_scratch(chosen, limits, library, empty, errors)
    settings = {"processor": limits.processor, "wall": limits.wall + 10, "library": library}
    homes = {"HOME": empty, "USERPROFILE": empty, "TMPDIR": empty, "TEMP": empty, "TMP": empty}
    request = {
        "settings": {"path": chosen.path, **settings},
        "folder": empty,
        "environment": build_environment(**homes),
    }
    channel = _start_library(chosen, library)
    (theirs_in, ours_in), (ours_out, theirs_out), (ours_status, theirs_status) = (
        os.pipe() for _ in range(3)
    )
    files = [theirs_in, theirs_out, errors.fileno(), theirs_status]
    socket.send_fds(channel, [json.dumps(request).encode()], files)
    for file in (theirs_in, theirs_out, theirs_status):
        os.close(file)
    return WarmChild(
        os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb"), os.fdopen(ours_status, "rb")
    )


@cache
def _start_library(chosen: Interpreter, library: str) -> socket.socket:
    """The socket of a process that has imported the library and forks for each request that comes
    through; its end is the process's. Forks of the tests' own process use it too.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    settings = json.dumps({"path": chosen.path, "library": library})
    process = subprocess.Popen(
        [chosen.program, "-I", "-S", "-X", "utf8", _PROGRAM, str(child.ENTRY), settings],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        cwd="/",
        env=build_environment(HOME="/nonexistent"),
    )
    theirs.close()
    LIBRARIES.append(process)
    return ours


def can_start_warm() -> bool:
    """Whether the system has what a warm start takes."""
    return sys.platform == "linux"
