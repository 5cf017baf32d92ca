"""The cases that rules have beyond their pages, and that no file of them is half done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loracheck.documents import FORMATS
from loracheck.documents.formats import get_suffix
from loracheck.findings import Finding
from loracheck.rules import list_all_rules

from .case_files import FOLDER, RuleCase, cases, read
from .pages import FILES, BlockError, examples
from .run_example import findings, small_models

CASE_FILES = sorted(FOLDER.glob("*"))


def text(finding: Finding) -> str:
    return "\n".join([finding.message, *finding.notes, finding.help or ""])


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.code} {case.title}")
def test_case(case: RuleCase, tmp_path: Path) -> None:
    assert case.files, f"a case needs a fenced block of {', '.join(FILES)}"
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
    without = [rule.code for rule in list_all_rules() if not (FOLDER / f"{rule.code}.md").exists()]
    assert without == [], "write tests/rules/cases/LCNNN.md (CONTRIBUTING, `make new-rule`)"


@pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: path.name)
def test_a_file_of_cases_belongs_to_a_rule_and_has_both_kinds(path: Path) -> None:
    assert path.name in {f"{rule.code}.md" for rule in list_all_rules()}
    assert {case.fires for case in read(path)} == {True, False}
    assert "TODO" not in path.read_text("utf-8")


UNUSABLE = [
    ("```tomll\nr = 8\n```\n", "4: a block ```tomll is no file; known are ```json, ```yaml, "),
    ("```\nr: 8\n```\n", "4: a block ``` is no file"),
    ("text\n```weights\nname F32 8 4\n```\n", "5: a block of `weights` stands behind"),
    ("```yaml\nr: 8\n```\n\n```yaml\nr: 8\n", "8: this block has no closing line"),
]


@pytest.mark.parametrize(("body", "reason"), UNUSABLE)
def test_a_block_that_can_be_no_file_is_named_with_its_place(
    body: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "LC999.md"
    path.write_text(f"# LC999 name\n\n## fires: a case\n{body}", "utf-8")
    with pytest.raises(BlockError, match=re.escape(f"LC999.md:{reason}")):
        read(path)


def test_the_block_of_a_page_is_named_with_its_line() -> None:
    page = "Summary.\n\n## Bad\n```jsn\n{}\n```\n"
    with pytest.raises(BlockError, match=r"^LC999:4: a block ```jsn is no file"):
        examples(page, "Bad", "LC999")


def test_every_format_can_be_a_case() -> None:
    """Notebooks aside: their text is JSON, and their tests lie in tests/documents."""
    written = {FORMATS[get_suffix(name)] for name in FILES.values()}
    assert written == set(FORMATS.values()) - {FORMATS[".ipynb"]}


def test_a_toml_block_is_a_file_of_that_name(tmp_path: Path) -> None:
    path = tmp_path / "LC104.md"
    text = "# LC104 x\n\n## fires: a rank of 0\n```toml\n[lora]\nr = 0\nlora_alpha = 8\n```\n"
    path.write_text(text, "utf-8")
    (case,) = read(path)
    found = findings(case.files[0], tmp_path)
    assert case.files[0].file == "lora.toml"
    assert "LC104" in {finding.code for finding in found}
