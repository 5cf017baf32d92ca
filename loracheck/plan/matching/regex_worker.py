"""Matches in a process of its own, which can be stopped; nothing imports this file but `re` runs in
it: `python -I -S regex_worker.py`.

A line of JSON on standard input, [pattern, whether it must match the whole name, name], gives one
on standard output: the places of the groups, as `re.Match.regs` has them, or null.
"""

from __future__ import annotations

import json
import re
import sys
import warnings

SECONDS = 5
"""Processor time of the whole process, in case nobody is left to stop it."""


def main() -> None:
    """Answer until standard input ends."""
    if sys.platform != "win32":
        from resource import RLIMIT_CPU, setrlimit

        setrlimit(RLIMIT_CPU, (SECONDS, SECONDS))
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        pattern, whole, name = json.loads(line)
        compiled = re.compile(pattern)
        found = compiled.fullmatch(name) if whole else compiled.match(name)
        sys.stdout.write(json.dumps(found and found.regs) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
