"""Hostile patterns end in time, and the safe matcher agrees with Python's own."""

from __future__ import annotations

import math
import re
import warnings

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loracheck.plan import plan
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.guarded_regex import MAX_WAYS
from loracheck.plan.matching.linear_regex import build_matcher, count_ways
from loracheck.plan.matching.match_limits import allowance
from loracheck.plan.matching.regexes import compile_last_part, compile_pattern
from tests.examples import examples
from tests.hang import no_hang

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
    ".?" * 40 + "!",
    "(?:.|..)" * 40 + "!",
    "(?:.{0,16}){0,16}!",
    "(?:(?:.{0,4}){0,16}){0,16}!",
    ".{0,16}" * 8 + "!",
    "(?i:(?:ka|\u212aa)*)*!",
    "(?i)" + ".?" * 40 + "(?<=x)",
    "(?:){999999999}(?:$|.){999999999}" + ".*" * 9 + "!",
]


@pytest.mark.parametrize("pattern", HOSTILE)
@pytest.mark.parametrize(
    "field", ["target_modules", "exclude_modules", "modules_to_save", "rank_pattern"]
)
def test_never_hangs(pattern: str, field: str) -> None:
    value = {"modules_to_save": [pattern], "rank_pattern": {pattern: 4}}.get(field, pattern)
    with no_hang(600):  # exponential time would be years
        found = plan({"target_modules": ["q_proj"], field: value}, LLAMA_7B)
    assert found is not None


def test_a_pattern_of_any_length_is_not_compiled() -> None:
    long = "|".join(f"m{number}" for number in range(60_000))
    with pytest.raises(RefusedError) as caught:
        compile_pattern(long, "target_modules", whole=True)
    assert caught.value.error.code == "long-regex"


def test_what_is_stopped_is_said() -> None:
    found = plan({"target_modules": r"(([\w.]+)+)\1!"}, LLAMA_7B)
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
        r"(?:.*\.)?(?:layers|blocks|h)\.\d+(?:\.\w+)?\.(?:gate|up|down)_proj",
        r"(?:.*?(?:language|text).*?(?:self_attn|attention|attn|mlp|ffn).*?(?:q_proj|k_proj|up_proj).*?)"
        r"|(?:\bmodel\.layers\.[\d]{1,}\.(?:self_attn|attention|mlp)\.(?:(?:q_proj|k_proj)))",
        "|".join(rf".*\.{name}\d*" for name in "qkvogud"),
    ],
)
def test_usual_patterns_are_python_s_own(pattern: str) -> None:
    assert count_ways(pattern) <= MAX_WAYS


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        ("abc", 1),
        ("a?b?c?", 8),
        ("(?:a|b|c)", 1),
        ("(?:ax|by)*", 20),
        ("(?:ax|ay|by)", 2),
        ("(?:ax|.y)", 2),
        ("a{3}", 1),
        (".{0,7}.{0,7}", 64),
        ("(?:.?){4}", 16),
        ("(?:.*)*", math.inf),
        ("(?:ax|.y)*", math.inf),
    ],
)
def test_ways_of_backtracking(pattern: str, number: float) -> None:
    assert count_ways(pattern) == number


WORDS = r"""
a b . \. [ab] [^a] \d a* b+ .* .? (a|b) (ab|a)* (a*)* (?=a) (?!b) (?:a.)+ a{1,2} (.{2})*
^ $ \b \Z a*? (?:) x| A (?i:a|B) (?<=a) (?<!b.) (?s:.) (?:){9} (?:$|a){2,}
"""
PIECES = st.sampled_from(WORDS.split())


@given(
    st.lists(PIECES, min_size=1, max_size=4).map("".join),
    st.text("abA1.\n", max_size=9),
    st.booleans(),
)
@examples(500)
def test_the_safe_matcher_is_python_s(pattern: str, name: str, whole: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = re.compile(pattern)
    allowance.renew()
    match = build_matcher(pattern, whole=whole)
    if match is None:
        assume(False)
        return
    expected = found.fullmatch(name) if whole else found.match(name)
    assert match(name) == (expected is not None)


@pytest.mark.parametrize("pattern", ["(", "*", "[a", "(?P<x", r"\g"])
def test_invalid(pattern: str) -> None:
    with pytest.raises(RefusedError) as caught:
        compile_pattern(pattern, "target_modules")
    assert caught.value.error.code == "invalid-regex"


@pytest.mark.parametrize("field", ["layers_pattern", "exclude_modules"])
def test_a_doubtful_pattern_warns_nobody(field: str) -> None:
    """Python tells of a possible nested set, once in each way that a pattern is read."""
    given = {"target_modules": ["q_proj"], "layers_to_transform": [0], field: r"[[a].*.*layers"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert plan(given, LLAMA_7B) is not None


@examples(200)
@given(st.text("ab.-1_", min_size=1, max_size=6), st.text("ab.-1_", max_size=9))
def test_a_key_of_dotted_names_is_matched_as_python_does(key: str, name: str) -> None:
    expected = re.match(rf"(.*\.)?({key})$", name) is not None
    assert compile_last_part(key, "rank_pattern")(name) is expected


def test_short_matches_are_counted_without_a_look_at_the_clock_each() -> None:
    allowance.renew()
    run = re.compile(r"(.*\.)?(a.*q)$").match
    assert all(allowance.run_sampled(run, f"m.{n}.a.q") for n in range(200))
    assert allowance.has_re_seconds
    allowance._re_seconds = 1e-12
    assert all(allowance.run_sampled(run, f"m.{n}.a.q") for n in range(64))
    assert not allowance.has_re_seconds
    allowance.renew()
