"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loracheck
from loracheck.lazy_pattern import METHODS, LazyPattern, compile_when_used

ROOT = Path(loracheck.__file__).parent
MODULES = [
    ".".join(("loracheck", *path.relative_to(ROOT).with_suffix("").parts))
    for path in sorted(ROOT.rglob("*.py"))
    if "compile_when_used" in path.read_text("utf-8") and path.name != "lazy_pattern.py"
]


def test_it_is_compiled_at_the_first_use_and_is_the_pattern_from_then_on() -> None:
    lazy = compile_when_used(r"(a)(b)?", re.IGNORECASE)
    assert "search" not in vars(lazy)
    assert [found[0] for found in lazy.finditer("AB a")] == ["AB", "a"]
    assert {name for name in vars(lazy) if not name.startswith("_")} == {*METHODS}
    assert lazy.groups == 2 and lazy.sub("x", "ab") == "x"
    with pytest.raises(re.error):
        compile_when_used("(").search("")


@pytest.mark.parametrize("module", MODULES)
def test_every_pattern_of_the_package_can_be_compiled(module: str) -> None:
    for value in vars(import_module(module)).values():
        if isinstance(value, LazyPattern):
            assert value.pattern is not None


def test_it_is_not_compiled_for_a_text_without_its_words() -> None:
    lazy = compile_when_used(r"lo+ng|short", words=("lo", "short"))
    assert lazy.search("a") is lazy.match("a") is lazy.fullmatch("a") is None
    assert "search" not in vars(lazy)
    assert lazy.search("a loong") and lazy.search("a") is None


WITH_WORDS = [
    value
    for module in MODULES
    for value in vars(import_module(module)).values()
    if isinstance(value, LazyPattern) and value._words
]


@pytest.mark.parametrize("lazy", WITH_WORDS, ids=lambda lazy: str(lazy._source[0])[:30])
def test_what_a_pattern_matches_holds_a_word(lazy: LazyPattern) -> None:
    @settings(max_examples=25, deadline=None)
    @given(st.from_regex(re.compile(*lazy._source), fullmatch=True))
    def holds(text: str) -> None:
        assert any(word in text for word in lazy._words), text

    holds()
