"""Every rule's page is whole, and its examples are true: Bad fires, Good does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from loracheck.rules import Rule, list_all_rules

from .pages import HEADINGS, examples, sections
from .run_example import findings, small_models

RULES = list_all_rules()
IDS = [rule.code for rule in RULES]


@pytest.fixture(autouse=True)
def _small_models() -> Iterator[None]:
    """Models of examples that no bundle has."""
    with small_models():
        yield


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_page_has_every_heading_in_order(rule: Rule) -> None:
    assert list(sections(rule.page)) == HEADINGS
    assert all(text.strip() for text in sections(rule.page).values())
    assert re.fullmatch(r"LC\d{3}", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert rule.severity in ("error", "warning", "note")


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_bad_examples_make_the_rule_fire(rule: Rule, tmp_path: Path) -> None:
    bad = examples(rule.page, "Bad", rule.code)
    assert bad
    for number, example in enumerate(bad):
        (folder := tmp_path / str(number)).mkdir()
        assert rule.code in {f.code for f in findings(example, folder)}, example.text


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_good_examples_are_free_of_errors_and_warnings(rule: Rule, tmp_path: Path) -> None:
    good = examples(rule.page, "Good", rule.code)
    assert good
    for number, example in enumerate(good):
        (folder := tmp_path / str(number)).mkdir()
        found = findings(example, folder)
        loud = [f for f in found if f.severity != "note" or f.code == rule.code]
        assert not loud, (loud, example.text)


def test_no_code_and_no_name_is_used_twice() -> None:
    assert len(set(IDS)) == len(IDS)
    assert len({rule.name for rule in RULES}) == len(RULES)
