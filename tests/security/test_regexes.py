"""A user's expression costs a bounded time, whatever it and the names look like."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.plan.errors import RefusedError
from loracheck.plan.matching import match_limits
from loracheck.plan.matching.match_limits import allowance
from loracheck.plan.matching.regexes import compile_pattern, find_group
from loracheck.trees.fold import MAX_PATH, TreeFormatError, decode
from loracheck.trees.model import FORMAT
from tests.examples import examples

ROOT = Path(__file__).parents[2]
BACK_REFERENCE = r"(([\w.]+)+)\1!"

REDOS = [
    # Kinds of OWASP's page, of Weideman et al. (arXiv:1607.04834) and of Davis et al. (FSE 2018):
    # a star in a star, alternatives that overlap, stars in a row, an optional tail.
    *("(a+)+$", "([a-zA-Z]+)*!", "(a|aa)+$", "(a|a?)+$", "(.*a){25}!", "(a*)*b", "((a*)*)*b"),
    *("(?:a|a)*b", "(?:.|.)*!", "a*a*a*a*a*a*a*a*a*b", ".*a.*a.*a.*a.*a!", "(\\w+\\s?)*!"),
    *("^(([a-z])+.)+[A-Z]([a-z])+$", "(?=(a+)+$)b|q", "(?:(?:a?){20}){20}!", "(a?){50}a{50}!"),
    *(BACK_REFERENCE, "(a+)\\1+!", "(?:(a)|b|a)*(?(1)!|!)", "(?P<x>(?:a|a)+)+(?P=x)!"),
    *("(?:" * 400 + "a*" + ")*" * 400, "(?=.*a)" * 200 + "!", "(?!.*b)" * 200 + "!"),
    *("(?:a|" * 90 + "a" + ")" * 90 + "*!", "(?:x*)*" * 50, "(?i:(?:ka|k)*)*!", "a" + "?" + "+!"),
]
FIELDS = {
    "target_modules": lambda text: text,
    "exclude_modules": lambda text: text,
    "modules_to_save": lambda text: [text],
    "rank_pattern": lambda text: {text: 4},
    "alpha_pattern": lambda text: {text: 4},
    "layers_pattern": lambda text: text,
}


def tree(name: str) -> dict[str, Any]:
    """A model with one linear layer of the name."""
    nodes: list[Any] = [[0, [["weight", [8, 8]]], []], [1, [], [[name, 0], ["q_proj", 0]]]]
    return {
        "format": FORMAT,
        "cls": "M",
        "transformers": "5.24.0",
        "classes": [["Linear", "Linear"], ["M", None]],
        "nodes": nodes,
        "root": 1,
    }


@pytest.mark.parametrize("field", FIELDS)
def test_expressions_against_a_lock_file_s_names(tmp_path: Path, field: str) -> None:
    """All of them in one file; each has a setting of its own, and they share the allowance."""
    (tmp_path / ".git").mkdir()
    lock = {"version": 1, "models": {"x/y": tree("a" * 150)}}
    (tmp_path / "loracheck.lock").write_text(json.dumps(lock))
    for number, pattern in enumerate(REDOS):
        config = {
            "peft_type": "LORA",
            "base_model_name_or_path": "x/y",
            "r": 8,
            "target_modules": ["q_proj"],
            "layers_to_transform": [0],
            field: FIELDS[field](pattern),
        }
        folder = tmp_path / f"{number}"
        folder.mkdir()
        (folder / "adapter_config.json").write_text(json.dumps(config))
    seconds = 10 + 4 * len(REDOS)  # a file has half a second three times; the rest is the machine's
    done = subprocess.run(
        [sys.executable, "-m", "loracheck", "check", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / ".cache")},
        capture_output=True,
        encoding="utf-8",
        timeout=20 * seconds,
        check=False,
    )
    assert "Traceback" not in done.stderr and "internal error" not in done.stdout
    assert done.returncode in range(3), done.stderr
    assert "[LC003]" not in done.stdout, "the lock file is not used"


def test_what_is_stopped_is_a_finding(tmp_path: Path) -> None:
    config = {"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8}
    file = tmp_path / "adapter_config.json"
    file.write_text(json.dumps({**config, "target_modules": BACK_REFERENCE}))
    done = subprocess.run(
        [sys.executable, "-m", "loracheck", "check", str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "error[LC801]" in done.stdout and "took too long, so it was stopped" in done.stdout


def test_names_of_a_lock_file_are_bounded() -> None:
    decode(tree("a" * 200))
    with pytest.raises(TreeFormatError, match="longer than"):
        decode(tree("a" * (MAX_PATH + 1)))


PIECES = st.sampled_from(
    [
        *("a", "a*", "a+", "a?", "(a+)+", "(a|aa)*", "(?:a|b)*", ".*", ".*?", "(.*)*", "\\1"),
        *("(a)", "(?=a+)", "(?!b*)", "a{2,5}", "[ab]*", "x", "\\.", "$", "!"),
    ]
)


@examples(150)
@given(st.lists(PIECES, min_size=1, max_size=6).map("".join), st.integers(1, 400), st.booleans())
def test_an_answer_is_that_of_re_or_none(pattern: str, length: int, whole: bool) -> None:
    """Held against `re` where it is quick: on a short name."""
    allowance.renew()
    try:
        match = compile_pattern(pattern, "target_modules", whole=whole)
        compiled = re.compile(pattern)
    except (re.error, RefusedError):
        return
    short = "a" * min(length, 9) + "b"
    run = compiled.fullmatch if whole else compiled.match
    assert match(short) == (run(short) is not None)
    before = process_time()
    try:
        match("a" * length + "b")
    except RefusedError as error:
        assert error.error.code == "unsafe-regex"
    assert process_time() - before < 60  # without bounds it would be years


def test_the_three_matchers_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern, names = r"(?:.*\.)?(?:layers|h)\.\d+\..*(?:q|v)_proj", ["model.layers.1.q_proj", "x"]
    expected = [re.match(pattern, name) is not None for name in names]
    for spent in ("none", "re", "steps"):
        allowance.renew()
        monkeypatch.setattr(allowance, "_re_seconds", 0.5 if spent == "none" else 0.0)
        if spent == "steps":
            monkeypatch.setattr(allowance, "_steps", 0)
        match = compile_pattern(pattern, "target_modules")
        assert [match(name) for name in names] == expected, spent


def test_the_layer_is_the_worker_s_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern, name = r"(?:^|.*?\.)(?:l.*|h.*)\.(?P<idx>\d+)\.", "model.layers.12.q_proj"
    place = find_group(pattern, "layers_pattern", name)
    assert place == name.index("12")
    monkeypatch.setattr(allowance, "_re_seconds", 0.0)
    assert find_group(pattern, "layers_pattern", name) == place


def test_many_short_questions_to_the_worker_end(monkeypatch: pytest.MonkeyPatch) -> None:
    allowance.renew()
    monkeypatch.setattr(allowance, "_re_seconds", 0.0)
    monkeypatch.setattr(allowance, "_steps", 0)
    match = compile_pattern(r".*a.*b.*c", "target_modules")
    with pytest.raises(RefusedError):
        for number in range(10_000):
            match(f"model.layers.{number}")


def test_a_usual_expression_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_worker(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(match_limits, "_ask", no_worker)
    match = compile_pattern(r".*\.layers\.\d+\..*\.(q|v)_proj", "target_modules", whole=True)
    names = [f"model.layers.{n}.self_attn.{p}_proj" for n in range(200) for p in "qkvo"]
    assert sum(map(match, names)) == 400


def test_a_long_expression_is_left_to_re() -> None:
    """To read 60,000 alternatives for the other matcher takes longer than `re` and its worker."""
    from loracheck.plan.matching import guarded_regex

    allowance.renew()
    pattern = "|".join(f"m{number}" for number in range(10_000))
    assert len(pattern) > guarded_regex.LONG
    careful = guarded_regex._Careful(pattern, "target_modules", whole=True)
    assert careful._linear is None
    short = guarded_regex._Careful("(a|b)*c", "target_modules", whole=True)
    assert short._linear is not None and short.match("abac") and not short.match("abad")
