"""Bounds on memory, processor time, wall time and files, kept by the system."""

from __future__ import annotations

import sys

MEMORY = 4 << 30
"""Address space in bytes; the largest real models take a tenth of it."""


def limit_resources(processor: float | None, wall: float | None) -> list[str]:
    """Bound memory, processor seconds and wall seconds of this process. Returns the bounds that
    hold.

    Past its processor time the process ends by SIGXCPU, past the wall time by `faulthandler`, which
    waits in a thread that needs no interpreter lock.
    """
    held = [_limit("AS", MEMORY, f"memory {MEMORY >> 30} GB"), _limit("CORE", 0, "no core dumps")]
    if processor is not None:
        seconds = max(1, round(processor))
        held.append(_limit("CPU", seconds, f"processor time {seconds} s", spare=5))
    if wall is not None:
        import faulthandler

        faulthandler.dump_traceback_later(wall, exit=True)
        held.append("wall time")
    return [text for text in held if text]


def forbid_files() -> list[str]:
    """No file can be written any more, not even one that is open; pipes can."""
    text = _limit("FSIZE", 0, "no file writes")
    return [text] if text else []


def _limit(name: str, most: int, text: str, spare: int = 0) -> str:
    """Set a limit of the system where it has it. Returns the text, or "" where it does not hold."""
    if sys.platform == "win32":
        return ""
    import resource

    which = getattr(resource, f"RLIMIT_{name}", None)
    if which is None:
        return ""
    _, hard = resource.getrlimit(which)
    top = most + spare if hard == resource.RLIM_INFINITY else min(most + spare, hard)
    try:
        resource.setrlimit(which, (min(most, top), top))
    except (ValueError, OSError):  # macOS has RLIMIT_AS by name alone
        return ""
    return text
