"""Neovim, as people have it: a wrong file is mended without leaving the editor."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pygls")

NEOVIM = shutil.which("nvim")
SCRIPT = Path(__file__).with_name("neovim.lua")
ROOT = Path(__file__).parents[2]
TEXT = """\
base_model: microsoft/Phi-3-mini-4k-instruct
adapter: lora
lora_r: 16
lora_alpha: 32
lora_target_modules:
  - q_proj
  - o_proj
"""


@pytest.mark.skipif(NEOVIM is None, reason="Neovim is not installed")
def test_a_wrong_file_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "lora.yaml"
    path.write_text(TEXT)
    done = subprocess.run(
        [str(NEOVIM), "--headless", "-u", "NONE", "-n", str(path), "-c", f"luafile {SCRIPT}"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        },
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, done.stdout + done.stderr
    seen = json.loads(lines[0])
    ((line, message),) = seen["found"]
    assert line == 5 and message.startswith("`q_proj` matches no module of Phi3ForCausalLM")
    assert "matches 0 modules" in seen["hover"]
    assert seen["actions"] == ["replace by `qkv_proj` (LC202)", "ignore LC202 in this line"]
    assert seen["left"] == 0
    assert seen["text"] == TEXT.replace("- q_proj", "- qkv_proj").splitlines()
    assert seen["items"][0] == "gate_up_proj: 32 modules: Linear"
