"""A build whose error is its result, and that ends in time."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType, TracebackType


class TookTooLongError(BaseException):
    """Not to be swallowed by a constructor's own error handling."""


class BuildAttempt:
    """A block whose error is its result: a constructor may raise anything."""

    def __init__(self, seconds: int) -> None:
        self.error: str | None = None
        self._seconds = seconds

    def __enter__(self) -> BuildAttempt:
        signal.signal(signal.SIGALRM, self._late)
        signal.alarm(self._seconds)
        return self

    @staticmethod
    def _late(number: int, frame: FrameType | None) -> None:
        raise TookTooLongError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        signal.alarm(0)
        if kind is None:
            return True
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        self.error = f"{kind.__name__}: {' '.join(str(error).split())[:300]} ({place})"
        return issubclass(kind, (Exception, TookTooLongError))
