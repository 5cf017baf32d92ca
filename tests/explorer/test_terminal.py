"""`loracheck explain` in a real terminal (tmux), with textual and without, and in pipes."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loracheck.documents import read

EXAMPLES = Path(__file__).parents[2] / "examples"
ROOT = EXAMPLES.parent
PATIENCE = 600.0
"""Seconds to wait for a screen: a busy machine is no fault."""

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux")


class Terminal:
    """A shell in a tmux session of its own, 80 columns by 24 rows."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "tmux")
        self._run("new-session", "-d", "-x", "80", "-y", "24", "-c", str(folder), "env PS1='$ ' sh")

    def _run(self, *words: str) -> str:
        command = ["tmux", "-S", self.socket, "-f", "/dev/null", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def start(self, *words: str, **variables: str) -> None:
        """Run loracheck with its arguments."""
        given = {"PYTHONPATH": str(ROOT), "TERM": "tmux-256color", **variables}
        setting = " ".join(f"{name}={shlex.quote(value)}" for name, value in given.items())
        line = shlex.join([sys.executable, "-m", "loracheck", "explain", *words])
        self.write(f"{setting} {line}; echo status $?")
        self.press("Enter")

    def press(self, *keys: str) -> None:
        """Keys by tmux's names."""
        self._run("send-keys", *keys)

    def write(self, text: str) -> None:
        """Text, letter by letter."""
        self._run("send-keys", "-l", text)

    def screen(self) -> str:
        """What can be read now."""
        return self._run("capture-pane", "-p")

    def until(self, text: str) -> str:
        """Wait for a text on the screen."""
        end = time.monotonic() + PATIENCE
        while text not in (found := self.screen()):
            assert time.monotonic() < end, f"no {text!r} on\n{found}"
            time.sleep(0.1)
        return found

    def close(self) -> None:
        """End the terminal."""
        self._run("kill-server")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal in a folder with the example that has Llama's names."""
    shutil.copy(EXAMPLES / "phi3_llama_names.json", tmp_path / "config.json")
    found = Terminal(tmp_path)
    yield found
    found.close()


@needs_tmux
def test_a_new_user_mends_a_config(terminal: Terminal, tmp_path: Path) -> None:
    pytest.importorskip("textual")
    old = read(str(tmp_path / "config.json")).text
    terminal.start()
    terminal.until("config.json  peft-adapter")
    terminal.press("Enter")
    seen = terminal.until("64 of 128 linear layers")
    assert "`q_proj`, `k_proj`, " in seen
    assert "mend: replace by `qkv_proj`" in seen
    terminal.press("C-f")
    terminal.until("128 of 128 linear layers")
    terminal.press("C-s")
    terminal.until('+    "qkv_proj"')
    terminal.press("Enter")
    terminal.until("saved config.json")
    terminal.press("C-q")
    terminal.until("status 0")
    new = json.loads((tmp_path / "config.json").read_text())
    assert new["target_modules"] == ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]
    assert list(new) == list(json.loads(old))


@needs_tmux
def test_typing_is_followed(terminal: Terminal) -> None:
    pytest.importorskip("textual")
    terminal.start("-i", "config.json")
    terminal.until("64 of 128 linear layers")
    terminal.press("Tab", "/")
    terminal.write(r".*layers\.[0-9]\..*_proj")
    terminal.until("40 match")
    terminal.press("Enter")
    terminal.until("40 of 128 linear layers")
    terminal.press("C-z")
    terminal.until("64 of 128 linear layers")
    terminal.press("?")
    terminal.until("mend everything that has a fix")
    terminal.press("Escape", "C-q")
    terminal.until("status 0")


@needs_tmux
def test_the_dialogue_where_nothing_can_be_drawn(terminal: Terminal, tmp_path: Path) -> None:
    terminal.start("-i", "config.json", TERM="dumb")
    terminal.until("mend: replace by `qkv_proj`, remove `k_proj`, ")
    terminal.until("`up_proj`? [Y/n]")
    terminal.press("Enter")
    for question, answer in (
        ("  r [16]", "32"),
        ("  lora_alpha [32]", ""),
        ("  target_modules [", ""),
        ("Write it? [Y/n]", ""),
        ("to the file [config.json]", ""),
        ("Also as", ""),
    ):
        terminal.until(question)
        terminal.write(answer)
        terminal.press("Enter")
    terminal.until("status 0")
    new = json.loads((tmp_path / "config.json").read_text())
    assert new["target_modules"] == ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]
    assert new["r"] == 32


def piped(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """loracheck explain with its input at an end and its output in a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "loracheck", "explain", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


def test_pipes_never_wait() -> None:
    without = piped(folder=EXAMPLES)
    assert without.returncode == 2
    assert "explain lora_alpha" in without.stdout
    plain = piped("phi3_llama_names.json", folder=EXAMPLES)
    asked = piped("-i", "phi3_llama_names.json", folder=EXAMPLES)
    assert asked.returncode == 0
    assert asked.stdout == plain.stdout
    assert "Phi3ForCausalLM" in plain.stdout


def test_nothing_of_textual_is_imported_before_it_is_opened() -> None:
    lines = "import sys\nimport loracheck.cli.explain, loracheck.explorer.guided_questions\n"
    code = f"{lines}assert 'textual' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0
