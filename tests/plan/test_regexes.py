"""Hostile patterns end in time, and the safe matcher agrees with Python's own."""

from __future__ import annotations

import re
import time
import warnings

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from loracheck.plan import plan
from loracheck.plan.errors import RefusedError
from loracheck.plan.regexes import MAX_QUANTIFIERS, compiled
from loracheck.plan.safe import matcher, risky

from .trees import LLAMA_7B

HOSTILE = [
    "(.*)*x",
    "(.*.*)*x",
    "(a+)+$",
    r"(\w+\.?)+\.nope",
    r"(.*\.)*(.*\.)*nope",
    "(l|la|lay|a|y|e|r|s|.)*!",
    ".*.*.*.*.*.*.*.*.*.*x",
    r"(?:(?:.*\.)+)+\d+nope",
    r"((.*)*)*\1",
    "(x+x+)+y",
]


@pytest.mark.parametrize("pattern", HOSTILE)
@pytest.mark.parametrize(
    "field", ["target_modules", "exclude_modules", "modules_to_save", "rank_pattern"]
)
def test_never_hangs(pattern: str, field: str) -> None:
    value = {"modules_to_save": [pattern], "rank_pattern": {pattern: 4}}.get(field, pattern)
    start = time.perf_counter()
    found = plan({"target_modules": ["q_proj"], field: value}, LLAMA_7B)
    assert found is not None
    assert time.perf_counter() - start < 2


def test_what_cannot_be_tried_is_said() -> None:
    found = plan({"target_modules": r"((.*)*)*\1"}, LLAMA_7B)
    assert found is not None
    assert found.error is not None
    assert (found.error.code, found.error.field) == ("unsafe-regex", "target_modules")


@pytest.mark.parametrize(
    "pattern",
    [
        r".*\.layers\.\d+\..*\.(q|v)_proj",
        r".*language_model\..*\.(q_proj|v_proj)",
        r"^(?!.*vision).*(?:q_proj|k_proj|v_proj|o_proj)$",
        r"model\.layers\.(?:1[0-9]|2[0-7])\.self_attn\.(?:q|k|v|o)_proj",
        r".*(self_attn|mlp).*(up_proj|down_proj).*",
    ],
)
def test_usual_patterns_are_python_s_own(pattern: str) -> None:
    assert not risky(pattern, MAX_QUANTIFIERS)


WORDS = r"""
a b . \. [ab] [^a] \d a* b+ .* .? (a|b) (ab|a)* (a*)* (?=a) (?!b) (?:a.)+ a{1,2} (.{2})*
^ $ \b \Z a*? (?:) x|
"""
PIECES = st.sampled_from(WORDS.split())


@given(
    st.lists(PIECES, min_size=1, max_size=4).map("".join),
    st.text("ab1.", max_size=9),
    st.booleans(),
)
@settings(max_examples=1500, deadline=None)
def test_the_safe_matcher_is_python_s(pattern: str, name: str, whole: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = re.compile(pattern)
    try:
        match = matcher(pattern, "target_modules", whole=whole)
    except RefusedError:
        assume(False)
        return
    expected = found.fullmatch(name) if whole else found.match(name)
    assert match(name) == (expected is not None)


@pytest.mark.parametrize("pattern", ["(", "*", "[a", "(?P<x", r"\g"])
def test_invalid(pattern: str) -> None:
    with pytest.raises(RefusedError) as caught:
        compiled(pattern, "target_modules")
    assert caught.value.error.code == "invalid-regex"
