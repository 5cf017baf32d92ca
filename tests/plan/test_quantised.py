"""PEFT on stand-ins for quantised layers against loracheck's table of methods.

In a process of its own: PEFT looks for the packages while it is imported.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

pytestmark = pytest.mark.oracle


BOTH = """
import sys
from bench.oracle import quantised
statuses = []
for live in ([], ["--live"]):
    sys.argv = ["quantised", "--pairs", "160", "--seed", "5", *live]
    statuses.append(quantised.main())
sys.exit(any(statuses))
"""
"""By the method's name, and with the quantised model itself: imports cost more than the pairs."""


def test_no_pair_differs() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", BOTH]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("160 pairs, 0 different") == 2
    for table in done.stdout.split("160 pairs, 0 different")[1:]:
        head, _, *rows = (line for line in table.splitlines() if line.startswith("| "))
        wrapped = head.split(" | ").index("wrapped |")
        numbers = {
            row.split(" | ")[0].strip("| "): int(row.strip("| ").split(" | ")[wrapped])
            for row in rows
        }
        for method in ("bitsandbytes-4bit", "gptq", "awq", "aqlm", "eetq", "hqq", "torchao"):
            assert numbers[method] > 0, (method, table)
