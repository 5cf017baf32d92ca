"""The cases that rules have beyond their pages, and that no file of them is half done."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.findings import Finding
from loracheck.rules import catalogue

from .case_files import FOLDER, RuleCase, cases, read
from .run_example import findings, small_models

FILES = sorted(FOLDER.glob("*"))


def text(finding: Finding) -> str:
    return "\n".join([finding.message, *finding.notes, finding.help or ""])


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.code} {case.title}")
def test_case(case: RuleCase, tmp_path: Path) -> None:
    assert case.files, "a case needs a fenced json, yaml or python file"
    for number, example in enumerate(case.files):
        (folder := tmp_path / str(number)).mkdir()
        with small_models():
            found = [f for f in findings(example, folder) if f.code == case.code]
        if not case.fires:
            assert found == []
            continue
        assert found, "the rule does not fire"
        whole = "\n".join(map(text, found))
        assert all(said in whole for said in case.says), whole
        assert case.severity in (None, *(finding.severity for finding in found))


def test_every_rule_has_cases() -> None:
    without = [rule.code for rule in catalogue() if not (FOLDER / f"{rule.code}.md").exists()]
    assert without == [], "write tests/rules/cases/LCNNN.md (CONTRIBUTING, `make new-rule`)"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_of_cases_belongs_to_a_rule_and_has_both_kinds(path: Path) -> None:
    assert path.name in {f"{rule.code}.md" for rule in catalogue()}
    assert {case.fires for case in read(path)} == {True, False}
    assert "TODO" not in path.read_text("utf-8")
