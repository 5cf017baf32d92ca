"""The process ends at once, and loses nothing by it: status, output, what others watch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = {"peft_type": "LORA", "r": 0, "target_modules": ["q_proj"]}
ATEXIT = """
import atexit, runpy, sys
atexit.register(print, "told at the end")
sys.argv = ["loracheck", *sys.argv[1:]]
runpy.run_module("loracheck", run_name="__main__", alter_sys=True)
"""


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONUNBUFFERED", None)
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["check", "good.yaml"], 0),
        (["check", "bad.json"], 1),
        (["check", "none.json"], 2),
        (["check", "--no-such-option"], 2),
        (["--version"], 0),
        (["rules"], 0),
    ],
)
def test_the_status_is_kept(tmp_path: Path, arguments: list[str], status: int) -> None:
    (tmp_path / "good.yaml").write_text("a: 1\n")
    (tmp_path / "bad.json").write_text(json.dumps(CONFIG))
    assert run("-m", "loracheck", *arguments, cwd=tmp_path).returncode == status


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_all_of_the_output_is_there(tmp_path: Path, jobs: str) -> None:
    for number in range(300):
        (tmp_path / f"{number}.json").write_text(json.dumps(CONFIG))
    done = run("-m", "loracheck", "check", "--format", "json", "-j", jobs, cwd=tmp_path)
    assert len(json.loads(done.stdout)["findings"]) >= 300


def test_what_was_to_be_done_at_the_end_is_done(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(json.dumps(CONFIG))
    done = run("-c", ATEXIT, "check", "bad.json", cwd=tmp_path)
    assert done.returncode == 1 and done.stdout.endswith("told at the end\n")


def test_a_profiler_gets_its_run(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(json.dumps(CONFIG))
    done = run("-m", "cProfile", "-m", "loracheck", "check", "bad.json", cwd=tmp_path)
    assert "function calls" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(json.dumps(CONFIG))
    command = f"{sys.executable} -m loracheck check bad.json > /dev/full"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode != 1 and "No space left" in done.stderr
