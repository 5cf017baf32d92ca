"""What matching user-written expressions may cost a file, and the worker that is the last line of
defence: a process that is stopped when its time is over.
"""

from __future__ import annotations

import os
import sys

from loracheck.type_checking import TYPE_CHECKING

try:
    from time import thread_time
except ImportError:  # Python in a browser, which has one thread
    from time import process_time as thread_time

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from typing import Any

    from loracheck.documents.values import Value

RE_SECONDS = 0.5
"""Processor time of `re` for expressions that may be slow; a usual config takes some hundredths."""
SAMPLED = 32
"""Calls of which one is timed, where each is short."""
STEPS = 1_500_000
"""Steps of the matcher without backtracking; about half a second."""
WORKER_SECONDS = 0.5
"""Processor time of the worker's matching: no answer depends on what else the machine does."""
QUESTION_SECONDS = 0.0002
"""Counted for each question to the worker beside its matching: what writing and reading it costs
here and there (measured), so that many short ones end too.
"""
WORKER_WALL_SECONDS = 10.0
"""Time after which a worker is stopped even if it got hardly any processor time, and all that
bounds it on Windows, which has no timer of processor time.
"""


class OverspentError(Exception):
    """What a file's expressions may cost is spent."""


class Allowance:
    """What is left for the file at hand."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin a file."""
        self._re_seconds, self._steps, self._worker_seconds = RE_SECONDS, STEPS, WORKER_SECONDS
        self._calls = 0

    @property
    def has_re_seconds(self) -> bool:
        """Whether `re` may still be tried."""
        return self._re_seconds > 0

    def run_timed(self, run: Callable[[str], Any], name: str) -> Any:
        """The answer of a function of `re`, whose time is counted."""
        begin = thread_time()
        result = run(name)
        self._re_seconds -= thread_time() - begin
        return result

    def run_sampled(self, run: Callable[[str], Any], name: str) -> Any:
        """As `run_timed`, for what takes some millionths of a second, as reading the clock does:
        one call in SAMPLED is timed, and counts for all.
        """
        self._calls += 1
        if self._calls % SAMPLED:
            return run(name)
        begin = thread_time()
        result = run(name)
        self._re_seconds -= SAMPLED * (thread_time() - begin)
        return result

    @property
    def has_steps(self) -> bool:
        """Whether the matcher without backtracking may still be tried."""
        return self._steps > 0

    def spend_steps(self, count: int) -> None:
        """Count steps. Raises OverspentError."""
        self._steps -= count
        if self._steps <= 0:
            raise OverspentError

    def ask_worker(self, pattern: str, name: str, *, whole: bool) -> list[list[int]] | None:
        """The places of the groups of a match, or None, as `re` says in a process of its own.

        Raises OverspentError when the time is over, and where no process can be had.
        """
        if self._worker_seconds <= 0:
            raise OverspentError
        seconds, self._worker_seconds = self._worker_seconds, 0.0
        spent, places = _ask([seconds, pattern, whole, name])
        self._worker_seconds = seconds - spent - QUESTION_SECONDS
        return places


allowance = Allowance()
"""That of this process."""

_workers: dict[int, subprocess.Popen[bytes]] = {}
"""The worker of each process by its id: a process that was forked has none yet."""


def _ask(question: list[Value]) -> tuple[float, list[list[int]] | None]:
    """The processor time that an answer took, and the answer. Raises OverspentError."""
    import json
    from threading import Timer

    worker = _workers.get(os.getpid()) or _start_worker()
    if worker.stdin is None or worker.stdout is None:
        raise OverspentError
    timer = Timer(WORKER_WALL_SECONDS, worker.kill)
    timer.daemon = True
    timer.start()
    try:
        worker.stdin.write(json.dumps(question).encode() + b"\n")
        worker.stdin.flush()
        answer = worker.stdout.readline()
    except OSError:
        answer = b""
    finally:
        timer.cancel()
    if not answer.endswith(b"\n"):
        _stop_worker()
        raise OverspentError
    spent, places = json.loads(answer)
    return spent, places


def _start_worker() -> subprocess.Popen[bytes]:
    import subprocess

    file = os.path.join(os.path.dirname(__file__), "regex_worker.py")
    try:
        worker = subprocess.Popen(
            [sys.executable, "-I", "-S", file],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd=os.path.dirname(__file__),
        )
    except (OSError, ValueError):
        raise OverspentError from None
    _workers[os.getpid()] = worker
    return worker


def _stop_worker() -> None:
    worker = _workers.pop(os.getpid())
    worker.kill()
    worker.communicate()
