"""The builder does not outlive who asked: it watches the pipe that the request came through."""

from __future__ import annotations

import os
from threading import Thread

ORPHANED = 75
"""Exit status of a build that nobody waits for any more (EX_TEMPFAIL of sysexits.h)."""


def end_with_parent(pipe: int) -> None:
    """End this process as soon as the other end of the pipe is closed, by whatever ended its
    owner.
    """
    Thread(target=_wait, args=(pipe,), daemon=True).start()


def _wait(pipe: int) -> None:
    while os.read(pipe, 4096):
        pass
    os._exit(ORPHANED)
