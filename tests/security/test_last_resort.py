"""A fault of loracheck's own is one line and status 2, and closed streams are no fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from loracheck.cli import COMMANDS, cli

CONFIG = '{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"]}'
RUN = [sys.executable, "-P", "-m", "loracheck"] if sys.version_info >= (3, 11) else [
    sys.executable, "-m", "loracheck"
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_fault_in_any_command(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("\x1b[2J\n::error::x")

    command = cli.get_command(None, name)  # type: ignore[arg-type]  # the group needs no context
    assert command is not None
    monkeypatch.setattr(command, "invoke", fail)
    arguments = {
        "batch": ["-", "-"],
        "explain": ["r"],
        "init": ["--model", "a/b", "--tool", "peft"],
        "tree": ["a/b"],
        "schema": ["loracheck"],
    }
    result = CliRunner().invoke(cli, [name, *arguments.get(name, [])])
    assert result.exit_code == 2
    assert "\x1b" not in result.output
    assert "internal error" in result.output
    assert "KeyError" in result.output
    assert "please report" in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("fix", [[], ["--fix"], ["--diff"]], ids=["check", "fix", "diff"])
def test_the_other_files_are_checked(
    fix: list[str], jobs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loracheck.cli import apply_fixes, check_files
    from loracheck.pipeline import cached_check

    real = check_files.check_file

    def check(path: str, *arguments: object, **options: object) -> object:
        if path.endswith("b.json"):
            raise RecursionError("too deep")
        return real(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(check_files, "check_file", check)
    for module in (apply_fixes, cached_check):
        monkeypatch.setattr(module, "check_file", check)
    monkeypatch.chdir(tmp_path)
    for name in "abc":
        Path(f"{name}.json").write_text(CONFIG.replace('"r"', '"rr"'))
    result = CliRunner().invoke(cli, ["check", "--isolated", "-j", jobs, *fix, "."])
    assert result.exit_code == 2
    assert "internal error, RecursionError: too deep" in result.output
    if fix != ["--diff"]:  # which shows what it would change, and nothing of these can be
        assert "a.json" in result.output
        assert "c.json" in result.output


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes the streams")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "| head -c 1"])
@pytest.mark.parametrize("words", ["check a.json", "check -", "explain a.json", "check --fix -",
                                   "rules", "--version", "explain LC101"])  # fmt: skip
def test_closed_streams(words: str, closed: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(CONFIG)
    line = f'"$@" {words} {closed}'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *RUN], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in range(4)
    assert (tmp_path / "a.json").read_text() == CONFIG
