"""A newcomer's way to a rule: the scaffold's two files are enough, one command does the rest."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev.new_rule import UsageError, make_files, next_free_code

ROOT = Path(__file__).parents[2]
PARTS = ("loracheck", "dev", "docs", "examples", "tests", "bench")
ALONE = ("README.md", "CONTRIBUTING.md", "pyproject.toml")

EXAMPLES = re.compile(r"^````(\w+)\n(.*?)^````$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The parts of the repository that a rule has to do with."""
    for part in PARTS:  # with the bytecode that is there
        shutil.copytree(ROOT / part, tmp_path / part)
    for name in ALONE:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def suite(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    where = ("tests/rules/test_pages.py", "tests/rules/test_cases.py", *more)
    return run(folder, "pytest", "-q", "-p", "no:cacheprovider", *where, "-k", "LC298 or current")


def worked_example() -> dict[str, str]:
    """The rule and the cases that CONTRIBUTING shows, under a code that no rule has."""
    found = dict(EXAMPLES.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8")))
    return {kind: text.replace("LC307", "LC298") for kind, text in found.items()}


def fill(path: Path, text: str) -> None:
    """Write the text over the scaffold; what is fixed there stands in it too."""
    fixed = [line for line in path.read_text("utf-8").splitlines() if _is_fixed(line)]
    assert [line for line in text.splitlines() if line in fixed and _is_fixed(line)] == fixed
    path.write_text(text, "utf-8")


def _is_fixed(line: str) -> bool:
    """Headings, imports, names, the signature."""
    return line.startswith(("## ", "from ", "if TYPE_CHECKING", "CODE", "NAME", "def ")) and (
        "TODO" not in line
    )


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".hypothesis" not in path.parts
    }


def test_two_files_and_one_command_make_a_rule(clone: Path) -> None:
    before = snapshot(clone)
    made = run(clone, "dev.new_rule", "LC298", "rank-not-a-multiple")
    assert made.returncode == 0, made.stderr
    rule = clone / "loracheck/rules/targets/lc298_rank_not_a_multiple.py"
    cases = clone / "tests/rules/cases/LC298.md"
    assert {path for path, text in snapshot(clone).items() if before.get(path) != text} == {
        rule,
        cases,
    }
    unfilled = suite(clone)
    assert unfilled.returncode == 1, "the scaffold must not pass as it is"

    fill(rule, worked_example()["python"])
    fill(cases, worked_example()["markdown"])
    stale = suite(clone, "tests/docs/test_pages.py")
    assert stale.returncode == 1
    assert "make docs-pages" in stale.stdout
    assert "docs/rules/LC298.md" in stale.stdout
    assert "1 failed" in stale.stdout.splitlines()[-1], "only the page is missing"

    written = run(clone, "dev.pages")  # all that the failed test compares
    assert written.returncode == 0
    assert {"wrote: docs/rules/LC298.md", "wrote: docs/rules/index.md", "wrote: README.md"} <= {
        *written.stdout.splitlines()
    }
    assert_known(clone)


def assert_known(clone: Path) -> None:
    """The finished rule is listed, explained, counted, and found in a file."""
    listed = json.loads(run(clone, "loracheck", "rules", "--format", "json").stdout)["rules"]
    assert "rank-not-a-multiple" in [rule["name"] for rule in listed]
    assert f"{len(listed)} rules" in (clone / "README.md").read_text("utf-8")
    page = run(clone, "loracheck", "explain", "LC298").stdout
    assert "A rank that is no multiple of eight." in page
    (clone / "lora.yaml").write_text(
        "model_name: Qwen/Qwen2.5-7B\nlora: {r: 12, lora_alpha: 24, target_modules: [q_proj]}\n"
    )
    asked = ("--isolated", "--select", "LC298", "--fail-on", "note", "--format", "full")
    found = run(clone, "loracheck", "check", *asked, "lora.yaml")
    assert found.returncode == 1
    assert "note[LC298] rank-not-a-multiple: 28 modules of rank 12 take the time" in found.stdout


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("LC201", "some-thing", "taken"),
        ("LC99", "some-thing", "three digits"),
        ("LC2999", "some-thing", "three digits"),
        ("LC299", "target-entry-dead", "already"),
        ("LC299", "Some-Thing", "small letters"),
        ("LC299", "one", "two words"),
    ],
)
def test_a_code_or_name_that_cannot_be_is_refused(code: str, name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        make_files(code, name)


def test_a_family_gives_its_next_code() -> None:
    assert next_free_code("LC8") == "LC804" or next_free_code("LC8") > "LC803"
    assert next_free_code("LC5").startswith("LC5")
