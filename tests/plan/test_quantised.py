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


@pytest.mark.parametrize("live", [[], ["--live"]], ids=["by method", "live"])
def test_no_pair_differs(live: list[str]) -> None:
    command = [sys.executable, "-m", "bench.oracle.quantised", "--pairs", "160", "--seed", "5"]
    command += live
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "160 pairs, 0 different" in done.stdout
    head = next(line for line in done.stdout.splitlines() if line.startswith("| method"))
    wrapped = head.split(" | ").index("wrapped |")
    for method in ("bitsandbytes-4bit", "gptq", "awq", "aqlm", "eetq", "hqq", "torchao"):
        row = next(line for line in done.stdout.splitlines() if line.startswith(f"| {method} "))
        assert int(row.strip("| ").split(" | ")[wrapped]) > 0
