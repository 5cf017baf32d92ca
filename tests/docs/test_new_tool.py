"""A newcomer's way to a tool: the scaffold's two files are enough, one command does the rest."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from dev.new_tool import UsageError, make_files

from .test_new_rule import ROOT, run, snapshot

PARTS = ("loracheck", "dev", "tests", "schemas")
EXAMPLES = re.compile(r"^````(\w+)\n(.*?)^````$", re.MULTILINE | re.DOTALL)
SUITE = ("test_cases.py", "test_index.py", "test_names.py", "test_schemas.py")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The parts of the repository that a tool has to do with."""
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


def test_two_files_and_one_command_make_a_tool(clone: Path) -> None:
    before = snapshot(clone)
    made = run(clone, "dev.new_tool", "acme-tuner")
    assert made.returncode == 0, made.stderr
    module = clone / "loracheck/tools/acme_tuner.py"
    cases = clone / "tests/tools/cases/acme-tuner.md"
    written = {path for path, text in snapshot(clone).items() if before.get(path) != text}
    assert written == {module, cases}

    def suite() -> tuple[int, str]:
        paths = (f"tests/tools/{name}" for name in SUITE)
        chosen = ("-k", "acme or current or named or left_over")
        done = run(clone, "pytest", "-q", "-p", "no:cacheprovider", *paths, *chosen)
        return done.returncode, done.stdout

    for command in ("loracheck.tools.core.build_index", "loracheck.tools.core.schema"):
        assert run(clone, command).returncode == 0
    assert suite()[0] == 1, "the scaffold must not pass as it is"

    example = dict(EXAMPLES.findall((ROOT / "docs" / "dialects.md").read_text("utf-8")))
    module.write_text(example["python"], "utf-8")
    cases.write_text(example["markdown"], "utf-8")
    status, output = suite()
    assert status == 1, "the index is out of date"
    assert "loracheck.tools.core.build_index" in output
    for command in ("loracheck.tools.core.build_index", "loracheck.tools.core.schema"):
        assert run(clone, command).returncode == 0
    status, output = suite()
    assert status == 0, output

    (clone / "a.yaml").write_text("acme_version: 1\nlora: {rank: 16, lora_alpha: 8}\n")
    found = run(clone, "loracheck", "check", "--isolated", "--select", "LC701", "a.yaml")
    assert "did you mean `alpha`?" in found.stdout


@pytest.mark.parametrize(
    ("name", "reason"),
    [("trl", "already"), ("ms-swift-2", "already"), ("Acme", "small letters"), ("", "letters")],
)
def test_a_name_that_cannot_be_is_refused(name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        make_files(name)
