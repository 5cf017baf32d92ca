"""Bad input gives one clear error with its place and status 2; the others are still checked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import run_command

GOOD = '{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"]}'
BAD = {
    "empty.json": (b"", 1),
    "unclosed.json": (b'{"peft_type": "LORA",\n "r": 8', 2),
    "comma.json": (b'{"peft_type": "LORA",\n "r": 8,\n}', 2),
    "binary.json": (bytes(range(256)), 3),
    "latin.json": ('{"peft_type": "L\u00f6RA"}'.encode("latin-1"), 1),
    "tabs.yaml": (b"lora:\n\tr: 8\n", 2),
    "broken.yaml": (b"lora: [1, 2\nr: 8\n", 2),
    "broken.py": (b"from peft import LoraConfig\nLoraConfig(r=8\n", 2),
    "deep.json": (b"[" * 100_000, 1),
}


def run(*arguments: str, cwd: Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return run_command(*arguments, cwd=cwd, env={"NO_COLOR": "1"}, text=text)


@pytest.mark.parametrize("name", BAD)
def test_a_broken_file_is_one_error_with_its_line(name: str, tmp_path: Path) -> None:
    content, line = BAD[name]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "good.json").write_text(GOOD)
    done = run("check", name, "good.json", "--format", "json", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    data = json.loads(done.stdout)
    broken = [f for f in data["findings"] if f["code"] == "LC001"]
    assert [(f["path"], f["line"]) for f in broken] == [(name, line)]
    assert [s["path"] for s in data["settings"]] == ["good.json"]


def test_a_missing_file_and_an_empty_directory(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "good.json").write_text(GOOD)
    done = run("check", "nowhere.json", "empty", "good.json", "--format", "concise", cwd=tmp_path)
    assert done.returncode == 2
    lines = done.stdout.splitlines()
    assert lines[0].startswith("nowhere.json:1:1: LC001 error[unreadable-file]: no such file")
    assert "empty" not in done.stdout
    assert "note: nothing to check in empty: no config files (.json, " in done.stderr


def test_an_empty_directory_is_no_error(tmp_path: Path) -> None:
    done = run("check", ".", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "No findings in 0 files, 0 LoRA settings.\n")
    assert done.stderr.startswith("note: nothing to check in .: no config files")
    assert run("check", ".", "--strict", cwd=tmp_path).returncode == 2


def test_a_named_file_without_a_setting_is_said(tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"{number}.yaml").write_text("a: 1\n")
    note = "note: no LoRA setting recognised in "
    done = run("check", "3.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, f"{note}3.yaml\n")
    names = [f"{number}.yaml" for number in range(7)]
    assert run("check", *names, cwd=tmp_path).stderr.splitlines()[-1] == f"{note}2 further files"
    for quiet in ([".", "-q"], ["3.yaml", "--skip-unrelated"]):
        assert run("check", *quiet, cwd=tmp_path).stderr == ""


def test_folders_without_a_setting_are_said(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "some.yaml").write_text("a: 1\n")
    note = "note: nothing to check: no LoRA setting recognised in 2 files\n"
    for options, status in (([], 0), (["--strict"], 2), (["--strict", "--exit-zero"], 2)):
        done = run("check", "a", "b", *options, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (status, note)
    (tmp_path / "b" / "good.json").write_text(GOOD)
    done = run("check", "a", "b", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [[], ["--exit-zero"], ["--fix"], ["--diff"], ["-j", "2"]])
def test_a_model_to_judge_by_that_cannot_be_had_is_no_verdict(
    tmp_path: Path, arguments: list[str]
) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(GOOD)
    done = run("check", ".", "--model", "Qwen/Qwen2.5-7C", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "'Qwen/Qwen2.5-7C' is not bundled" in errors[0]
    assert "did you mean 'Qwen/Qwen2.5-7B'?" in errors[0]
    (tmp_path / "loracheck.toml").write_text('model = "nobody/knows-this-one"\n')
    done = run("check", "a.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean" not in done.stderr


def test_a_known_model_without_the_head_of_a_setting_is_no_slip(tmp_path: Path) -> None:
    text = json.loads(GOOD) | {"task_type": "QUESTION_ANS"}
    (tmp_path / "a.json").write_text(json.dumps(text))
    done = run("check", "a.json", "--model", "bigcode/starcoder", cwd=tmp_path)
    assert done.returncode in (0, 1)
    assert "cannot be had" not in done.stderr


@pytest.mark.parametrize("text", ["{", '<<<<<<< HEAD\n{"version": 1}\n=======\n', "[]"])
def test_a_damaged_lock_file_is_no_verdict(tmp_path: Path, text: str) -> None:
    (tmp_path / "loracheck.lock").write_text(text)
    config = json.loads(GOOD) | {"base_model_name_or_path": "Qwen/Qwen2.5-7B"}
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(config))
    done = run("check", ".", cwd=tmp_path)
    assert done.returncode == 2
    line = done.stderr.strip()
    assert "\n" not in line and "loracheck.lock" in line
    assert line.endswith("write it anew with: loracheck lock")


def test_paths_open_from_the_working_directory(tmp_path: Path) -> None:
    folder = tmp_path / "configs" / "a"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(GOOD.replace('"r": 8', '"r": 0'))
    done = run("check", "configs", "--format", "json", cwd=tmp_path)
    assert done.returncode == 1
    data = json.loads(done.stdout)
    paths = {row["path"] for row in (*data["settings"], *data["findings"])}
    assert paths == {"configs/a/x.json"}


def test_people_see_paths_that_open_from_where_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "configs" / "a"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(GOOD.replace('"r": 8', '"r": 0'))
    for given, path in (("configs", "configs/a/x.json"), (".", "configs/a/x.json")):
        place = f"{path}:1:28"
        done = run("check", given, "--select", "LC1", "--format", "concise", cwd=tmp_path)
        assert done.stdout.startswith(place)
        assert f" --> {place}\n" in run("check", given, cwd=tmp_path).stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_in_a_directory_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "lora.json")
    (tmp_path / "ok.json").write_text(GOOD)
    done = run("check", ".", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0
    assert [s["path"] for s in json.loads(done.stdout)["settings"]] == ["ok.json"]


DROP = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
"""How root becomes one whom permissions bind."""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or (os.geteuid() == 0 and shutil.which("setpriv") is None),
    reason="permissions do not bind here",
)
def test_a_folder_that_cannot_be_searched_is_not_clean(tmp_path: Path) -> None:
    (tmp_path / "ok.json").write_text(GOOD)
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "x.json").write_text(GOOD)
    closed.chmod(0)
    command = [*(DROP if os.geteuid() == 0 else ()), sys.executable, "-m", "loracheck", "check"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for given, place in ((".", "closed"), ("closed", "closed"), ("closed/x.json", "closed/x.json")):
        done = subprocess.run(
            [*command, given, "--format", "concise"],
            cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2, done.stdout + done.stderr
        assert done.stdout.startswith(f"{place}:1:1: LC001 error[unreadable-file]: cannot be ")
        assert "Permission denied" in done.stdout
    closed.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be there")
def test_a_file_name_cannot_move_the_cursor(tmp_path: Path) -> None:
    (tmp_path / "a\nb\x1b[2J.json").write_text(GOOD.replace('"r": 8', '"r": 0'))
    done = run("check", ".", "--select", "LC1", "--format", "concise", cwd=tmp_path)
    assert done.stdout.startswith("a?b?[2J.json:1:28: ")
    assert "a?b?[2J.json:1:28" in run("check", ".", cwd=tmp_path).stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_said(tmp_path: Path) -> None:
    (tmp_path / "ok.json").write_text(GOOD)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "loracheck", "check", "ok.json"],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "Error: No space left on device\n"


def test_standard_input(tmp_path: Path) -> None:
    text = GOOD.replace('"r": 8', '"r": 0')
    done = run("check", "-", "--format", "concise", cwd=tmp_path, text=text)
    assert done.returncode == 1
    assert done.stdout.startswith("stdin.json:1:")
    yaml = "lora:\n  r: 0\n  lora_alpha: 8\n  target_modules: [q_proj]\n"
    done = run(
        "check", "-", "--stdin-filename", "a.yaml", "--format", "concise", cwd=tmp_path, text=yaml
    )
    assert "a.yaml:2:6: LC104" in done.stdout
    assert (
        "help: it was read as JSON: name the" in run("check", "-", cwd=tmp_path, text=yaml).stdout
    )


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["ok.json"], 0),
        (["ok.json", "--strict"], 3),
        (["ok.json", "--fail-on", "note"], 1),
        (["bad.json"], 1),
        (["bad.json", "--exit-zero"], 0),
        (["bad.json", "--select", "LC3"], 0),
        (["bad.json", "--ignore", "LC104,LC102"], 0),
        (["bad.json", "--select", "LC999"], 2),
        (["--no-such-option"], 2),
        (["ok.json", "--peft", "newest"], 2),
        (["ok.json", "--peft", "0.13"], 0),
        (["ok.json", "--transformers", "newest"], 2),
        (["ok.json", "--transformers", "4.57.6"], 0),
    ],
)
def test_exit_status(arguments: list[str], status: int, tmp_path: Path) -> None:
    (tmp_path / "ok.json").write_text(GOOD)
    (tmp_path / "bad.json").write_text(GOOD.replace('"r": 8', '"r": 0'))
    done = run("check", *arguments, cwd=tmp_path)
    assert done.returncode == status, done.stdout + done.stderr


def test_a_release_that_is_not_bundled_is_named(tmp_path: Path) -> None:
    (tmp_path / "ok.json").write_text(GOOD)
    options = ("--model", "Qwen/Qwen2.5-7B", "--format", "concise")
    told = run("check", "ok.json", *options, "--transformers", "4.2", cwd=tmp_path).stdout
    assert "transformers 4.2 is older than" in told
    assert "Qwen/Qwen2.5-7B is bundled for 4." in told


def test_files_of_no_interest_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x", "version": "1"}')
    (tmp_path / "ci.yaml").write_text("jobs: {test: {r: 1}}\n")
    (tmp_path / "a.py").write_text("print('hello')\n")
    done = run("check", ".", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0
    data = json.loads(done.stdout)
    assert data["settings"] == []
    assert data["findings"] == []
    assert data["summary"]["files"] == 3


def test_an_older_peft_says_what_it_applies_to(tmp_path: Path) -> None:
    (tmp_path / "ok.json").write_text(GOOD)
    told = run("check", "ok.json", "--peft", "0.9", cwd=tmp_path).stderr
    assert "fields and default targets are judged by PEFT 0.9, the rest by PEFT 0.10" in told
    assert run("check", "ok.json", "--peft", "0.13", cwd=tmp_path).stderr == ""
    assert run("check", "ok.json", "--peft", "0.21.2", cwd=tmp_path).stderr == ""
