"""Several processes say what one says, in the same order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.many import write_files
from loracheck.cli import cli
from loracheck.cli.parallel import FILES_PER_PROCESS, count_processes

FORKS = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="runs in one process here")


def _told(folder: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["check", "--isolated", *options, str(folder)])
    return done.exit_code, done.stdout


@pytest.mark.parametrize("style", ["full", "json", "sarif"])
def test_two_processes_report_as_one(tmp_path: Path, style: str) -> None:
    write_files(tmp_path, 40)
    (tmp_path / "json" / "broken.json").write_text('{"peft_type": "LORA", ', encoding="utf-8")
    alone = _told(tmp_path, "--format", style, "-j", "1")
    assert alone == _told(tmp_path, "--format", style, "-j", "2")
    assert alone[0] == 2


def test_every_setting_has_its_line_in_the_json_report(tmp_path: Path) -> None:
    write_files(tmp_path, 3)
    report = json.loads(_told(tmp_path, "--format", "json")[1])
    assert [setting["line"] for setting in report["settings"]] == [1, 1, 1, 2, 2, 2]


@FORKS
def test_processes_follow_the_work() -> None:
    assert count_processes(None, 1) == 1
    assert count_processes(None, FILES_PER_PROCESS - 1) == 1
    assert count_processes(8, 3) == 3
    assert count_processes(1, 10_000) == 1


def test_no_processes_are_asked_for() -> None:
    done = CliRunner().invoke(cli, ["check", "-j", "0"])
    assert done.exit_code == 2
    assert "-j" in done.stderr


WAITING = """
import os, signal, sys
from loracheck.cli import cli, parallel

def wait(file):
    os.write(int(sys.argv[1]), b".")
    while True:
        signal.pause()

parallel._call = wait
cli(["check", "-j", "2", sys.argv[2]])
"""
"""The command, whose processes say that they have a file at hand and are never done with it."""


@FORKS
def test_ctrl_c_ends_all_processes_in_silence(tmp_path: Path) -> None:
    write_files(tmp_path, 40)
    read, write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, str(write), str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        pass_fds=[write],
        # A shell starts what runs in the background with the signal ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        assert pipe.read(2) == b".."
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate()
        assert pipe.read() == b"", "a process lives on"
    assert (process.returncode, out, err.strip()) == (130, b"", b"")
