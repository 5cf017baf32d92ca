"""Tools' files as data: the settings found in each, with those of their facts that the case is
about (dev/tool_cases.py says how they stand in cases/). What is in cases/none/ gives no setting.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dev.tool_cases import FOLDER, ToolCase, read_cases, read_page
from loracheck.documents import read
from loracheck.tools import find_settings
from tests.documents.test_cases import excerpt, plain

NONE = sorted(p for p in (FOLDER / "none").rglob("*") if p.is_file())


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_settings(case: ToolCase) -> None:
    found = find_settings(read(case.file, case.text))
    assert len(found) == len(case.expected)
    for setting, facts in zip(found, case.expected, strict=True):
        assert setting.tool_name == case.tool
        for fact, value in facts.items():
            assert plain(_fact(setting, fact)) == value, fact


def _fact(setting: Any, fact: str) -> Any:
    """A fact of a setting; places are given as the text that stands there, with line and column.
    "fields.r" is one field alone.
    """
    document = setting.document
    if fact.startswith("fields."):
        return setting.fields.get(fact.removeprefix("fields."))
    if fact == "at":
        return excerpt(document.text, document.span(setting.path, key=True))[1:]
    if fact == "model_at":
        return excerpt(document.text, document.span(setting.model_place))
    if fact == "unknown_keys":
        keys = setting.unknown_keys.values()
        return [excerpt(document.text, document.span(path, key=True)) for path in keys]
    if fact == "places":
        places = setting.places.items()
        return {key: excerpt(document.text, document.span(path)) for key, path in places}
    return getattr(setting, fact) if hasattr(setting, fact) else getattr(setting.behaviour, fact)


@pytest.mark.parametrize("path", NONE, ids=lambda path: path.name)
def test_no_setting(path: Path) -> None:
    assert find_settings(read(str(path))) == []


@pytest.mark.parametrize(
    "text",
    ["## a\n", "## a\n```yaml\nr: 1\n```\n", "## a\n```c\nx\n```\n```json\n[]\n```\n"],
)
def test_a_page_that_is_no_case_is_told_with_its_place(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("# x\n\n" + text)
    with pytest.raises(ValueError, match=r"x\.md:3: a block of one of json, yaml"):
        read_page(path)
