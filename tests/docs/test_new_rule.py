"""A newcomer's way to a rule: the scaffold's two files are enough, one command does the rest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.new_rule import UsageError, files, free

ROOT = Path(__file__).parents[2]
PARTS = ("loracheck", "tools", "docs", "tests/rules", "tests/docs", "tests/dialects/cases")
ALONE = ("README.md", "pyproject.toml", "tests/__init__.py")

FILLED = {
    "TODO: one line that says what is wrong.": "A rank of thirteen.",
    "TODO: what the rule finds, in one to three sentences.": "`r` is 13.",
    "TODO: what happens without it, and where that was seen (owner/repo issue 123).": "Bad luck.",
    '"r": 8,\n "target_modules": ["q_proj", "v_proj"]}\n```\n\n## Good': (
        '"r": 13,\n "target_modules": ["q_proj", "v_proj"]}\n```\n\n## Good'
    ),
    "TODO: what to write instead.\n": "Write 12.\n",
    "TODO: PEFT 0.21.2 `tuners/lora/layer.py` (`update_layer`), executed.": "Folklore.",
    "TODO: when it fires. `case.value` is what PEFT would get, `case.plan` what it would do.": (
        "One hit for a rank of 13."
    ),
    '== "TODO"': "== 13",
    "TODO: what is wrong, with the numbers": "a rank of 13",
    "TODO: what to write instead": "write 12",
}
CASES = {
    "TODO what the file shows": "in a script's file",
    "TODO what looks like it and is right": "a rank of 8",
    "says: TODO": "says: a rank of 13",
    "r: 8, lora_alpha: 16, target_modules: [q_proj, v_proj]}\n```\nsays": (
        "r: 13, lora_alpha: 16, target_modules: [q_proj, v_proj]}\n```\nsays"
    ),
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The parts of the repository that a rule has to do with."""
    for part in PARTS:
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=skip)
    for name in ALONE:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def suite(folder: Path) -> subprocess.CompletedProcess[str]:
    where = ("tests/rules/test_pages.py", "tests/rules/test_cases.py", "tests/docs/test_pages.py")
    return run(folder, "pytest", "-q", "-p", "no:cacheprovider", *where, "-k", "LC298 or current")


def fill(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text("utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    assert "TODO" not in text
    path.write_text(text, "utf-8")


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".hypothesis" not in path.parts
    }


def test_two_files_and_one_command_make_a_rule(clone: Path) -> None:
    run(clone, "tools.pages")  # whatever else is being worked on here is not this test's matter
    before = snapshot(clone)
    made = run(clone, "tools.new_rule", "LC298", "unlucky-rank")
    assert made.returncode == 0, made.stderr
    rule = clone / "loracheck/rules/lc298_unlucky_rank.py"
    cases = clone / "tests/rules/cases/LC298.md"
    assert {path for path, text in snapshot(clone).items() if before.get(path) != text} == {
        rule,
        cases,
    }
    unfilled = suite(clone)
    assert unfilled.returncode == 1, "the scaffold must not pass as it is"

    fill(rule, FILLED)
    fill(cases, CASES)
    stale = suite(clone)
    assert stale.returncode == 1
    assert "make docs-pages" in stale.stdout
    assert "docs/rules/LC298.md" in stale.stdout
    assert "1 failed" in stale.stdout.splitlines()[-1], "only the page is missing"

    assert run(clone, "tools.pages").returncode == 0
    done = suite(clone)
    assert done.returncode == 0, done.stdout
    assert_known(clone)


def assert_known(clone: Path) -> None:
    """The finished rule is listed, explained, counted, and found in a file."""
    listed = json.loads(run(clone, "loracheck", "rules", "--format", "json").stdout)["rules"]
    assert "unlucky-rank" in [rule["name"] for rule in listed]
    assert f"{len(listed)} rules" in (clone / "README.md").read_text("utf-8")
    assert "A rank of thirteen." in run(clone, "loracheck", "explain", "LC298").stdout
    (clone / "lora.yaml").write_text("lora: {r: 13, lora_alpha: 13, target_modules: [q_proj]}\n")
    found = run(clone, "loracheck", "check", "--isolated", "--select", "LC298", "lora.yaml")
    assert found.returncode == 1
    assert "warning[LC298] unlucky-rank: a rank of 13" in found.stdout


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("LC201", "some-thing", "taken"),
        ("LC9", "some-thing", "three digits"),
        ("LC2999", "some-thing", "three digits"),
        ("LC299", "target-entry-dead", "already"),
        ("LC299", "Some-Thing", "small letters"),
        ("LC299", "one", "two words"),
    ],
)
def test_a_code_or_name_that_cannot_be_is_refused(code: str, name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        files(code, name)


def test_a_family_gives_its_next_code() -> None:
    assert free("LC8") == "LC804" or free("LC8") > "LC803"
    assert free("LC5").startswith("LC5")
