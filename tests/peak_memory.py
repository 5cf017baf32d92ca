"""The peak memory of a run of the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")

# VmHWM and not ru_maxrss, which a started process inherits from the one that started it: beside
# torch no growth would ever be seen.
PROGRAM = """
import re, sys
from loracheck.cli import cli
try:
    cli(sys.argv[1:])
finally:
    with open("/proc/self/status") as status:
        print(re.search(r"VmHWM:\\s+(\\d+) kB", status.read())[1], file=sys.stderr)
"""


def measure_peak(*arguments: str) -> tuple[subprocess.CompletedProcess[str], int]:
    """A run of `loracheck` in a process of its own, and the most memory it had, in kB."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return done, int(done.stderr.split()[-1])
