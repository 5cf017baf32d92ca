"""Comments that ignore findings, and what is said of those that do not."""

from __future__ import annotations

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules

ALL = frozenset(rule.code for rule in list_all_rules()) - {"LC003"}
MODEL = "Qwen/Qwen2.5-7B"

YAML = """\
lora:{block}
  r: 0{value}
  {above}
  lora_alpha: 16
  target_modules:{key}
    - q_proj
    - k_proj{entry}
  base_model_name_or_path: Qwen/Qwen2.5-7B
"""
PYTHON = """\
from peft import LoraConfig
config = LoraConfig({call}
    r=0,{value}
    base_model_name_or_path="Qwen/Qwen2.5-7B",
    target_modules=["q_proj"],
)
"""


def found(name: str, text: str, codes: frozenset[str] = ALL) -> list[tuple[str, str, int]]:
    outcome = check_file(name, name, LintSettings(codes), text.encode())
    return [(f.code, f.severity, f.span.line) for f in outcome.findings]


def yaml(**comments: str) -> str:
    empty = dict.fromkeys(["block", "value", "above", "key", "entry"], "")
    return YAML.format(**{**empty, **{k: f"  {v}" for k, v in comments.items()}})


def python(**comments: str) -> str:
    return PYTHON.format(**{"call": "", "value": "", **{k: f"  {v}" for k, v in comments.items()}})


RANK, DEAD = ("LC104", "error", 2), ("LC213", "warning", 7)


def test_without_a_comment_both_are_found() -> None:
    assert ("LC104", "error", 2) in found("a.yaml", yaml())
    assert [code for code, _, _ in found("a.py", python())] == ["LC104"]


@pytest.mark.parametrize(
    "comments",
    [
        {"value": "# loracheck: ignore[LC104] on purpose"},
        {"value": "#loracheck:ignore[ LC104 ]"},
        {"value": "# loracheck: ignore[LC1]"},
        {"value": "# loracheck: ignore[value-out-of-range]"},
        {"value": "# noqa  # loracheck: ignore[LC104]"},
        {"block": "# loracheck: ignore[LC104]"},
        {"above": "# loracheck: ignore-file[LC104]"},
        {"block": "\n  # loracheck: ignore[LC104]\n  # why: because\n"},
    ],
)
def test_a_comment_covers_the_finding(comments: dict[str, str]) -> None:
    assert found("a.yaml", yaml(**comments)) == []


@pytest.mark.parametrize("place", ["call", "value"])
def test_in_python_the_line_or_the_call(place: str) -> None:
    assert found("a.py", python(**{place: "# loracheck: ignore[LC104] a test"})) == []


@pytest.mark.parametrize(
    ("comment", "place", "said"),
    [
        ("# loracheck: ignore[LC104]", "entry", ("LC004", "warning", 7)),
        ("# loracheck: ignore[LC101]", "value", ("LC004", "warning", 2)),
        ("# loracheck: ignore[LC1O4]", "value", ("LC004", "error", 2)),
        ("# loracheck: ignore", "value", ("LC004", "error", 2)),
        ("# loracheck: ignore[]", "value", ("LC004", "error", 2)),
        ("# loracheck: ignroe[LC104]", "value", ("LC004", "error", 2)),
    ],
)
def test_a_comment_that_does_nothing_is_reported(
    comment: str, place: str, said: tuple[str, str, int]
) -> None:
    assert found("a.yaml", yaml(**{place: comment})) == sorted([RANK, said], key=lambda f: f[2])


def test_each_code_of_a_comment_is_judged_by_itself() -> None:
    text = yaml(value="# loracheck: ignore[LC104, LC101]")
    outcome = check_file("a.yaml", "a.yaml", LintSettings(ALL), text.encode())
    assert [f.message for f in outcome.findings] == [
        "`LC101` is not found in line 2, so there is nothing to ignore"
    ]
    span = outcome.findings[0].span
    assert text.splitlines()[1][span.column - 1 : span.end_column - 1] == "LC101"


def test_a_code_that_did_not_run_or_needs_a_model_is_not_called_unused() -> None:
    text = yaml(value="# loracheck: ignore[LC104]", entry="# loracheck: ignore[LC3]")
    assert found("a.yaml", text, ALL - {"LC301"}) == []
    unknown = "lora:\n  r: 8  # loracheck: ignore[LC2]\n  lora_alpha: 8\n  target_modules: [a]\n"
    assert found("a.yaml", unknown) == []
    known = unknown + f"  base_model_name_or_path: {MODEL}\n"
    assert ("LC004", "warning", 2) in found("a.yaml", known)


def test_without_lc004_nothing_is_said_of_comments() -> None:
    text = yaml(entry="# loracheck: ignore[LC104]")
    assert found("a.yaml", text, ALL - {"LC004"}) == [RANK]


def test_what_looks_like_a_comment_in_a_string_is_none() -> None:
    text = yaml() + '  note: "# loracheck: ignore-file[LC104]"\n'
    assert RANK in found("a.yaml", text)
