"""A sample of the exactness harness: real torch on meta and the stand-in build equal trees.

The whole of it is `python -m bench.trees --variants 3`.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bench.trees.compare import compare_runs

ROOT = Path(__file__).parents[2]
TYPES = """
llama qwen3_moe gpt2 gpt_oss deepseek_v3 phi3 falcon mamba bert t5 whisper clip convnext qwen2_vl
"""


@pytest.mark.oracle
@pytest.mark.skipif(
    find_spec("torch") is None or find_spec("transformers") is None,
    reason="torch and transformers are not both installed",
)
def test_default_and_varied_trees_are_equal(tmp_path: Path) -> None:
    files = {"real": [], "stand_in": ["--stand-in"]}
    running = []
    for name, flags in files.items():
        command = [
            sys.executable,
            "-m",
            "bench.trees.worker",
            *flags,
            "--variants",
            "1",
            *TYPES.split(),
        ]
        out = (tmp_path / name).open("w")
        running.append(subprocess.Popen(command, stdout=out, cwd=ROOT))
    assert [process.wait(timeout=1800) for process in running] == [0, 0]
    table = compare_runs(tmp_path / "real", tmp_path / "stand_in")
    assert table.lines == []
    assert table.counts["defaults", "equal"] >= 30
    assert table.counts["variations", "equal"] >= 30
