"""--fix, --diff and --unsafe-fixes on files: what is written, how, and what is said."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loracheck.cli import cli
from loracheck.documents.replace_file import edit_file

BAD = '{"peft_type": "LORA", "r": "16", "lora_alhpa": 32, "target_modules": ["q_proj"]}\n'
FIXED = BAD.replace('"16"', "16")
UNSAFE = FIXED.replace("lora_alhpa", "lora_alpha")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text(BAD)
    return tmp_path


def check(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["check", "--isolated", *arguments], input=text)


def test_fix_writes_the_safe_ones_and_reports_the_rest(folder: Path) -> None:
    done = check("a.json", "--fix", "--format", "concise")
    assert (folder / "a.json").read_text() == FIXED
    assert "Fixed 1 finding in 1 file." in done.stderr
    assert "LC101" in done.stdout
    assert "LC102" not in done.stdout
    assert "1 can be fixed with --fix --unsafe-fixes." in done.stdout
    assert done.exit_code == 1
    assert check("a.json", "--fix", "--unsafe-fixes").exit_code == 0
    assert (folder / "a.json").read_text() == UNSAFE
    before = (folder / "a.json").stat().st_mtime_ns
    assert "Fixed" not in check("a.json", "--fix", "--unsafe-fixes").stderr
    assert (folder / "a.json").stat().st_mtime_ns == before


def test_diff_writes_nothing_and_git_takes_it(folder: Path) -> None:
    done = check("a.json", "--diff", "--unsafe-fixes")
    assert done.exit_code == 1
    assert "Would fix 2 findings in 1 file." in done.stderr
    assert (folder / "a.json").read_text() == BAD
    subprocess.run(["git", "apply"], input=done.stdout, text=True, check=True, cwd=folder)
    assert (folder / "a.json").read_text() == UNSAFE
    assert check("a.json", "--diff").exit_code == 0


def test_the_diff_of_a_folder_applies_where_it_was_made(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "a.json").rename(folder / "sub" / "a.json")
    done = check("sub", "--diff", "--unsafe-fixes")
    subprocess.run(["git", "apply"], input=done.stdout, text=True, check=True, cwd=folder)
    assert (folder / "sub" / "a.json").read_text() == UNSAFE


def test_a_diff_has_git_s_colours_where_they_are_wanted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # for people's eyes; a pipe to git stays plain
    plain = check("a.json", "--diff", "--unsafe-fixes").stdout.partition("\n\n")[0]
    assert "\x1b" not in plain.partition("LC")[0]
    done = check("a.json", "--diff", "--unsafe-fixes", "--colour").stdout.splitlines()
    codes = {"+": "32", "-": "31", "@": "36"}
    rows = [row for row in plain.splitlines() if row[:1] in codes][:5]
    assert len(rows) == 5
    for row in rows:
        code = "1" if row.startswith(("+++", "---")) else codes[row[0]]
        assert f"\x1b[{code}m{row}\x1b[0m" in done


def test_standard_input_goes_to_standard_output(folder: Path) -> None:
    done = check("-", "--fix", text=BAD)
    assert done.stdout == FIXED
    assert "LC101" in done.stderr
    assert check("-", "--fix", text="{").stdout == "{"


def test_mode_mark_and_line_ends_are_kept(folder: Path) -> None:
    path = folder / "b.json"
    path.write_bytes(b"\xef\xbb\xbf" + BAD.replace(", ", ",\r\n ").encode())
    path.chmod(0o640)
    link = folder / "link.json"
    link.symlink_to(path)
    check("link.json", "--fix")
    assert path.read_bytes() == b"\xef\xbb\xbf" + FIXED.replace(", ", ",\r\n ").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert sorted(p.name for p in folder.iterdir()) == ["a.json", "b.json", "link.json"]


def test_a_file_that_changed_meanwhile_is_left_alone(folder: Path) -> None:
    path = folder / "a.json"
    with pytest.raises(OSError, match="changed meanwhile"):
        edit_file(str(path), b"something else", b"new")
    assert path.read_text() == BAD
    assert os.listdir(folder) == ["a.json"]


@pytest.mark.parametrize(
    "arguments", [["--fix", "--diff"], ["--unsafe-fixes"], ["--statistics", "--format", "sarif"]]
)
def test_options_that_make_no_sense_together(arguments: list[str], folder: Path) -> None:
    assert check("a.json", *arguments).exit_code == 2
    assert (folder / "a.json").read_text() == BAD


def test_an_unreadable_file_is_reported_and_the_others_are_mended(folder: Path) -> None:
    (folder / "b.json").write_text('{"r": ')
    done = check("a.json", "b.json", "--fix")
    assert done.exit_code == 2
    assert (folder / "a.json").read_text() == FIXED
