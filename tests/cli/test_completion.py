"""What a shell is offered for a word that is being typed, asked for as a shell asks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from loracheck.cli import cli
from loracheck.engines import list_engine_names

CASES = {
    "check --select LC20": ["LC201", "LC202"],
    "check --ignore LC101,target-ent": ["LC101,target-entry-dead"],
    "check --serve vl": ["vllm"],
    "check --format sar": ["sarif"],
    "explain lora_al": ["lora_alpha"],
    "explain lc90": ["LC901"],
    "explain qwen/qwen3-8": ["Qwen/Qwen3-8B"],
    "init --serve sgl": ["sglang"],
    "batch --select rank-unt": ["rank-untypical"],
    "ch": ["check"],
}


def complete(line: str) -> list[tuple[str, str]]:
    """(kind, word) for each word that zsh would be offered behind "loracheck "."""
    words = line.split(" ")
    environment = {
        "_LORACHECK_COMPLETE": "zsh_complete",
        "COMP_WORDS": f"loracheck {' '.join(words)}",
        "COMP_CWORD": str(len(words)),
    }
    done = CliRunner().invoke(cli, env=environment, prog_name="loracheck")
    lines = done.stdout.splitlines() if done.stdout.strip() else []
    return list(zip(lines[::3], lines[1::3], strict=True))


@pytest.mark.parametrize("line", CASES)
def test_a_word_is_completed(line: str) -> None:
    offered = [word for kind, word in complete(line) if kind == "plain"]
    assert offered[: len(CASES[line])] == CASES[line]


def test_files_are_left_to_the_shell() -> None:
    for line in ("explain ", "explain configs/a", "check --model ./m"):
        assert [kind for kind, _ in complete(line)] == ["file"], line
    assert complete("check --select XX") == []
    assert {word for _, word in complete("check --serve ")} == {*list_engine_names(), "all"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_takes_the_script(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    environment = {"_LORACHECK_COMPLETE": f"{shell}_source"}
    script = CliRunner().invoke(cli, env=environment, prog_name="loracheck").stdout
    assert "loracheck" in script
    (tmp_path / "script").write_text(script)
    done = subprocess.run(
        [shell, "-n", str(tmp_path / "script")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), sys.platform


def test_the_page_says_how_it_is_switched_on() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
    assert all(f"_LORACHECK_COMPLETE={shell}_source" in page for shell in ("bash", "zsh", "fish"))
