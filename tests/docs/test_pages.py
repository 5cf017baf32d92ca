"""The generated pages are what the code says today."""

from __future__ import annotations

from functools import cache

import pytest

from dev import pages
from loracheck.rules import Rule, list_all_rules

FILES = cache(pages.make_files)
HOW = "run `make docs-pages` (python -m dev.pages)"


def test_every_page_is_current() -> None:
    names = [str(path.relative_to(pages.ROOT)) for path in pages.find_stale(FILES())]
    assert not names, f"{HOW}; out of date: {', '.join(names)}"


def test_every_rule_has_a_page_and_a_row_in_the_index() -> None:
    files = FILES()
    index = files[pages.DOCS / "rules" / "index.md"]
    for rule in list_all_rules():
        assert f"[{rule.code}]({rule.code}.md)" in index
        assert f"# {rule.code} {rule.name}\n" in files[pages.DOCS / "rules" / f"{rule.code}.md"]


@pytest.mark.parametrize("rule", list_all_rules(), ids=lambda rule: rule.code)
def test_a_page_shows_what_is_said_of_its_bad_example(rule: Rule) -> None:
    text = FILES()[pages.DOCS / "rules" / f"{rule.code}.md"]
    assert f"[{rule.code}] {rule.name}: " in text
    assert "TODO" not in text
