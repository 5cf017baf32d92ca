"""Only what was likely meant is suggested for an unknown option or command."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from loracheck.cli import cli


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("check --form json", "No such option '--form'. Did you mean '--format'?"),
        ("check --modle x", "No such option '--modle'. Did you mean '--model'?"),
        ("check --colour-blind", "No such option '--colour-blind'."),
        ("check --no-color", ""),
        ("check --zzz", "No such option '--zzz'."),
        ("check -z", "No such option '-z'."),
        ("check --output x", "No such option '--output'. Did you mean '--output-file'?"),
        ("chek", "No such command 'chek'. Did you mean 'check'?"),
        ("exp", "No such command 'exp'. Did you mean 'explain'?"),
        ("lora", "No such command 'lora'."),
        ("a.yaml", "No such command 'a.yaml'. To check it: loracheck check a.yaml"),
    ],
)
def test_a_guess_is_near_or_none(
    words: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text("a: 1\n")
    done = CliRunner().invoke(cli, words.split())
    assert done.exit_code == (2 if said else 0)
    assert not said or done.stderr.splitlines()[-1] == f"Error: {said}"


def test_standard_input_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "model_name: Qwen/Qwen2.5-7B\nlora: {r: 8, lora_alpha: 16, target_modules: [q_proj]}\n"
    Path("a.yaml").write_text(text)
    for style in ("text", "json", "setting"):
        words = ["--format", style, "--stdin-filename", "a.yaml"]
        piped = CliRunner().invoke(cli, ["explain", "-", *words], input=text)
        named = CliRunner().invoke(cli, ["explain", "a.yaml", *words])
        assert (piped.exit_code, piped.stdout) == (0, named.stdout)
    broken = CliRunner().invoke(cli, ["explain", "-"], input="{")
    assert broken.exit_code == 2 and "stdin.json:1:2" in broken.stderr
    assert "help: it was read as JSON: name the format with --stdin-filename" in broken.stderr
    assert CliRunner().invoke(cli, ["explain", "-", "--html", "x.html"]).exit_code == 2
    assert CliRunner().invoke(cli, ["explain", "-", "-i"]).exit_code == 2
