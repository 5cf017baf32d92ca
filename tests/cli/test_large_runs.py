"""Runs over many files: findings come as they are made, and memory stays where it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.peak_memory import ON_LINUX, measure_peak

ROOT = Path(__file__).parents[2]
CONFIG = {"peft_type": "LORA", "r": 0, "target_modules": ["q_proj"], "filler": "x" * 24_000}
COMMAND = ("check", "--isolated", "--no-cache", "-j1", "--select", "LC1")


def write_files(folder: Path, count: int) -> None:
    for number in range(count):
        (folder / f"{number:05}.json").write_text(json.dumps(CONFIG))


def peak(folder: Path, style: str) -> int:
    """Peak memory of a run in kB, without results to keep: these have a bound of their own."""
    done, most = measure_peak(*COMMAND, "--format", style, str(folder))
    assert done.returncode == 1 and done.stdout.count("LC1") >= 100
    return most


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """800 files, 400 of them in the folder `few`."""
    folder = tmp_path_factory.mktemp("many")
    for name, count in (("few", 400), ("more", 400)):
        (folder / name).mkdir()
        write_files(folder / name, count)
    return folder


@ON_LINUX
@pytest.mark.parametrize("style", ["concise", "full", "json", "sarif"])
def test_memory_does_not_grow_with_the_files(many: Path, style: str) -> None:
    """Each file has 24 kB of text, which its findings bring along: 400 of them have 10 MB."""
    assert peak(many, style) - peak(many / "few", style) < 3_000


def test_findings_are_printed_before_the_last_file_is_read(tmp_path: Path) -> None:
    write_files(tmp_path, 1)
    last = tmp_path / "later.json"
    os.mkfifo(last)  # a FIFO is refused; this one is a file by the time that it is read
    code = f"""
import os, sys
from loracheck.cli import check_files, cli
check = check_files.check_file
def wait(path, *args, **kwargs):
    if path.endswith("later.json"):
        os.write(1, b"waiting\\n")
        sys.stdin.readline()
    return check(path, *args, **kwargs)
check_files.check_file = wait
cli(["check", "--isolated", "--no-cache", "-j1", "--format", "concise", {str(tmp_path)!r}])
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    seen = []
    while "waiting\n" not in seen:
        seen.append(process.stdout.readline())
        assert seen[-1], "the run is over"
    assert any("00000.json:1:" in line for line in seen[:-1])
    last.unlink()
    last.write_text("{}")
    rest, _ = process.communicate("go on\n")
    assert "in 2 files, 1 LoRA setting" in rest
