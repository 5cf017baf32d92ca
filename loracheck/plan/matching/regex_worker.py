"""A process that matches regular expressions with `re`, and that can be stopped. No module imports
this file; it is started as `python -I -S regex_worker.py`.

A line of JSON on standard input, [seconds of processor time, pattern, whether it must match the
whole name, name], gives one on standard output: [seconds spent, places], where places are those of
the groups, as `re.Match.regs` has them, or null. When the seconds are over, the system ends the
process.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from time import process_time

SECONDS = 5
"""Processor time of the whole process, in case nobody is left to stop it."""


def main() -> None:
    """Answer until standard input ends."""
    if sys.platform != "win32":
        from resource import RLIMIT_CPU, setrlimit

        setrlimit(RLIMIT_CPU, (SECONDS, SECONDS))
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        seconds, pattern, whole, name = json.loads(line)
        begin = process_time()
        _end_after(seconds)
        compiled = re.compile(pattern)
        answer = compiled.fullmatch(name) if whole else compiled.match(name)
        _end_after(0.0)
        sys.stdout.write(json.dumps([process_time() - begin, answer and answer.regs]) + "\n")
        sys.stdout.flush()


def _end_after(seconds: float) -> None:
    """Let the system end the process after so much more processor time; 0 takes that back."""
    if sys.platform != "win32":
        from signal import ITIMER_VIRTUAL, setitimer

        setitimer(ITIMER_VIRTUAL, seconds)


if __name__ == "__main__":
    main()
