"""The child process that builds, from the outside: how it is started, bounded, asked and ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Timer

from loracheck.interpreter import InterpreterError, build_environment, find_interpreter
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .build_error import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO, Any

    from loracheck.interpreter import Interpreter

ENTRY = Path(__file__).parent / "skeleton" / "main.py"
MOST = 64 << 20
"""Bytes of an answer. The tree of a model of 120,000 modules has two million."""


class Limits(NamedTuple):
    """Seconds that a build may take: of the processor, and by the clock, which is far more, since a
    loaded machine is no reason to give up.
    """

    processor: float = 60
    wall: float = 900


USUAL = Limits()


def ask(
    request: Mapping[str, Any],
    python: str | None = None,
    limits: Limits = USUAL,
    library: str = "transformers",
) -> dict[str, Any]:
    """The child's answer to a request of the protocol in `skeleton/main.py`, for a model of the
    library.

    The child is started in an empty folder, with an empty environment, isolated from all that is
    not its interpreter's. Raises BuildError where there is no answer.
    """
    try:
        interpreter = find_interpreter(python)
    except InterpreterError as error:
        raise BuildError("crash", str(error)) from error
    with TemporaryDirectory(prefix="loracheck-") as empty, TemporaryFile() as errors:
        try:
            child = _start(interpreter, limits, library, empty, errors)
        except OSError as error:
            raise BuildError(
                "crash",
                f"the interpreter {interpreter.program} could not be started: {error.strerror}",
            ) from error
        text = json.dumps(request, default=str)
        answer, late = _converse(child, f"{text}\n".encode(), limits.wall)
        if answer is not None:
            return answer
        raise _describe_loss(child.returncode, late, limits, errors)


def _start(
    interpreter: Interpreter, limits: Limits, library: str, empty: str, errors: IO[bytes]
) -> subprocess.Popen[bytes]:
    settings = {
        "path": interpreter.path,
        "processor": limits.processor,
        "wall": limits.wall + 10,
        "library": library,
    }
    return subprocess.Popen(
        [interpreter.program, "-I", "-S", "-X", "utf8", str(ENTRY), json.dumps(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=empty,
        env=build_environment(HOME=empty, USERPROFILE=empty, TMPDIR=empty, TEMP=empty, TMP=empty),
    )


def _converse(
    child: subprocess.Popen[bytes], request: bytes, wall: float
) -> tuple[dict[str, Any] | None, bool]:
    """The answer, or None; and whether the time was up. The child is over afterwards.

    Its standard input stays open for so long: its end would tell the child that we are gone.
    """
    timer = Timer(wall, child.kill)
    timer.daemon = True
    timer.start()
    try:
        data = _exchange(child, request)
        answer = _read(data)
        if answer is None and len(data) <= MOST:
            child.wait()  # for its own status
        late = timer.finished.is_set()
    finally:
        timer.cancel()
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):  # what could not be written
                    pipe.close()
        child.wait()
    return answer, late


def _exchange(child: subprocess.Popen[bytes], request: bytes) -> bytes:
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("a child without pipes")
    with suppress(OSError):  # it may be over already, with an answer
        child.stdin.write(request)
        child.stdin.flush()
    return child.stdout.read(MOST + 1)


def _read(data: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and "ok" in answer else None


def _describe_loss(status: int | None, late: bool, limits: Limits, errors: IO[bytes]) -> BuildError:
    """Why a child gave no answer."""
    if late:
        return BuildError(
            "out-of-time", f"the tree builder gave no answer within {limits.wall:g} s"
        )
    if _is_out_of_time(status):
        return BuildError(
            "out-of-time",
            f"the model takes more than {limits.processor:g} s of processor time to build",
        )
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - 2000))
    last_lines = errors.read().decode(errors="replace").strip().splitlines()[-1:]
    last = last_lines[0] if last_lines else "nothing on standard error"
    return BuildError("crash", f"the tree builder ended with status {status}: {last}")


def _is_out_of_time(status: int | None) -> bool:
    if sys.platform == "win32":
        return False
    from signal import SIGXCPU

    return status == -SIGXCPU
