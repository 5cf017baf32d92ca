"""Dialects as data. A file below cases/ with a .expected.json beside it: the settings found in it,
each with those of its facts that the case is about. cases/<dialect>/ gives the dialect; what stands
in cases/none/ gives no setting.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loracheck.documents import read
from loracheck.tools import find_settings
from tests.documents.test_cases import excerpt, plain

CASES = Path(__file__).parent / "cases"
FOUND = sorted(CASES.rglob("*.expected.json"))
NONE = sorted(p for p in (CASES / "none").rglob("*") if p.is_file())


def name(path: Path) -> str:
    """The case's name: its path below cases/."""
    return str(path.relative_to(CASES)).removesuffix(".expected.json")


@pytest.mark.parametrize("expected", FOUND, ids=name)
def test_settings(expected: Path) -> None:
    document = read(str(expected).removesuffix(".expected.json"))
    wanted = json.loads(expected.read_text("utf-8"))
    found = find_settings(document)
    assert len(found) == len(wanted)
    for setting, facts in zip(found, wanted, strict=True):
        assert setting.tool_name == name(expected).partition("/")[0]
        for fact, value in facts.items():
            assert plain(_fact(setting, fact)) == value, fact


def _fact(setting: Any, fact: str) -> Any:
    """A fact of a setting; places are given as the text that stands there, with line and column."""
    document = setting.document
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


@pytest.mark.parametrize("path", NONE, ids=name)
def test_no_setting(path: Path) -> None:
    assert find_settings(read(str(path))) == []
