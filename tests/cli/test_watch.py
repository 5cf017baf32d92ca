"""`--watch`: a check for each change. Nothing here is timed; what never comes ends the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from loracheck.cli.check_options import CheckOptions
from loracheck.cli.watch import look
from loracheck.options.run_options import RunOptions

ROOT = Path(__file__).parents[2]
TEXT = '{"peft_type": "LORA", "r": RANK, "lora_alpha": 16, "target_modules": ["q_proj"]}'
PATIENCE = 300


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "a.json").write_text(TEXT.replace("RANK", "0"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def watching(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "loracheck", "check", "configs", "--watch", "--select", "LC1"]
    process = subprocess.Popen(
        [*command, "--format", "concise"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LORACHECK_WATCH": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell's background jobs ignore Ctrl-C, and so do their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    killer = Thread(target=lambda: _kill_late(process), daemon=True)
    killer.start()
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _kill_late(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def lines_until(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    found = ""
    for line in process.stdout:
        found += line
        if word in line:
            return found
    raise AssertionError(f"{word!r} never came:\n{found}")


def test_each_change_is_checked_until_ctrl_c(watching: subprocess.Popen[str], folder: Path) -> None:
    file = folder / "configs" / "a.json"
    assert "LC104" in lines_until(watching, "watching for changes")
    file.write_text(TEXT.replace("RANK", "8"))
    assert "No findings" in lines_until(watching, "watching for changes")
    (folder / "configs" / "b.json").write_text(TEXT.replace("RANK", "0"))
    assert "configs/b.json:1" in lines_until(watching, "watching for changes")
    (folder / "loracheck.toml").write_text('exclude = ["b.json"]\n')
    assert "No findings" in lines_until(watching, "watching for changes")
    os.killpg(watching.pid, signal.SIGINT)
    assert watching.wait(PATIENCE) == 0


def test_what_is_looked_at(folder: Path) -> None:
    (folder / "p.json").write_text("{}")
    (folder / "base.json").write_text('{"version": 1, "findings": []}')
    (folder / "loracheck.toml").write_text('policy = "p.json"\n')
    (folder / "loracheck.lock").write_text("{}")
    options = CheckOptions(RunOptions(), baseline="base.json")
    names = {os.path.relpath(path) for path in look(("configs",), options)}
    want = {"configs/a.json", "p.json", "base.json", "loracheck.toml", "loracheck.lock"}
    assert names == want
    (folder / "loracheck.toml").write_text("broken")
    assert "loracheck.toml" in {os.path.relpath(path) for path in look(("configs",), options)}


def test_standard_input_is_not_watched(folder: Path) -> None:
    command = [sys.executable, "-m", "loracheck", "check", "--watch"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for more in (["-"], ["--files-from", "-"]):
        done = subprocess.run([*command, *more], input="", env=env, capture_output=True, text=True)
        assert done.returncode == 2, more
