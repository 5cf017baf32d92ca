"""Patterns of the tools that are told without compiling an expression mean what they meant."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loracheck.tools.core.detection import _matches
from loracheck.tools.core.index import _get_beginning, load_index, matches_name

PATTERNS = sorted({pattern for pattern, _ in (*load_index().calls, *load_index().loaders)})
GLOBS = ("*", "lora_*", "lora_target_*", "a", "*.yaml", "", "**", "a-*", "a?*", "[ab]*", "a.b*")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_name_of_a_call_begins_as_its_pattern_does(pattern: str) -> None:
    @settings(max_examples=30, deadline=None)
    @given(st.from_regex(pattern, fullmatch=True))
    def begins(name: str) -> None:
        assert name.startswith(_get_beginning(pattern))
        assert matches_name(pattern, name) == (re.fullmatch(pattern, name) is not None)

    begins()
    assert not matches_name(pattern, "") and not matches_name(pattern, "os.getcwd")


@pytest.mark.parametrize(
    ("pattern", "begin"),
    [
        (r"trl\.(?:.*\.)?Config", "trl."),
        (r"a|bc", ""),
        (r"(?:a|b)c", ""),
        (r"ab?c", "a"),
        ("a*", ""),
    ],
)
def test_the_beginning_of_a_pattern(pattern: str, begin: str) -> None:
    assert _get_beginning(pattern) == begin


@given(st.sampled_from(GLOBS), st.text("ab_lor.*-target", max_size=12))
def test_names_with_a_star_match_as_files_do(pattern: str, text: str) -> None:
    assert _matches(text, pattern) == fnmatchcase(text, pattern)
