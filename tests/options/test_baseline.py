"""A baseline hides what was known, wherever it has moved, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loracheck.cli import cli

BAD = """\
lora:
  r: 0
  lora_alpha: 16
  target_modules: [q_proj]
"""
TWICE = BAD + BAD.replace("lora:", "second:")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "a.yaml").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*arguments: str) -> Result:
    common = ["check", "--format", "concise", "--select", "LC1"]
    return CliRunner().invoke(cli, [*common, *arguments])


def test_known_findings_are_left_out_wherever_they_stand(folder: Path) -> None:
    done = check("configs", "--write-baseline", "known.json")
    assert (done.exit_code, done.stdout) == (0, "known.json: 1 known finding\n")
    data = json.loads((folder / "known.json").read_text())
    assert [row["path"] for row in data["findings"]] == ["configs/a.yaml"]
    assert check("configs").exit_code == 1
    (folder / "configs" / "a.yaml").write_text("# moved\n\n" + BAD)
    for paths in (["configs"], ["configs/a.yaml"], ["."]):
        done = check(*paths, "--baseline", "known.json")
        assert (done.exit_code, done.stderr) == (0, "")


def test_one_more_of_the_same_is_new(folder: Path) -> None:
    check("configs", "--write-baseline", "known.json")
    (folder / "configs" / "a.yaml").write_text(TWICE)
    done = check("configs", "--baseline", "known.json")
    assert done.exit_code == 1
    assert done.stdout.count("LC104") == 1
    check("configs", "--write-baseline", "known.json")
    assert json.loads((folder / "known.json").read_text())["findings"][0]["count"] == 2
    assert check("configs", "--baseline", "known.json").exit_code == 0


def test_what_is_gone_is_said_for_the_files_at_hand(folder: Path) -> None:
    check("configs", "--write-baseline", "known.json")
    (folder / "b.yaml").write_text(BAD)
    assert check("b.yaml", "--baseline", "known.json").stderr == ""
    assert check("b.yaml", "--baseline", "known.json").exit_code == 1
    (folder / "configs" / "a.yaml").write_text(BAD.replace("0", "8"))
    done = check("configs", "--baseline", "known.json")
    assert done.stderr.startswith("known.json: 1 known finding is gone")


def test_the_settings_may_name_it(folder: Path) -> None:
    check("configs", "--write-baseline", "configs/known.json")
    (folder / "configs" / "loracheck.toml").write_text('baseline = "known.json"\n')
    assert check("configs").exit_code == 0
    assert check("configs", "--isolated").exit_code == 1


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"version": 2, "findings": []}', '{"version": 1, "findings": [1]}']
)
def test_what_is_no_baseline_is_one_error(text: str, folder: Path) -> None:
    (folder / "known.json").write_text(text)
    done = check("configs", "--baseline", "known.json")
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: known.json: ")
    assert check("configs", "--baseline", "nowhere.json").exit_code == 2


def test_what_cannot_be_read_is_never_known(folder: Path) -> None:
    (folder / "configs" / "b.yaml").write_text("lora: [\n")
    done = check("configs", "--write-baseline", "known.json")
    assert done.exit_code == 2
    assert check("configs", "--baseline", "known.json").exit_code == 2
