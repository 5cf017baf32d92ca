"""The proof refuses what it should."""

from __future__ import annotations

from functools import partial

import pytest

from loracheck.documents import read
from loracheck.documents.model import Span, Unknown
from loracheck.findings import Change, Edit, Finding, Fix
from loracheck.fixes import edits
from loracheck.fixes.apply import apply_fixes
from loracheck.fixes.verify import find_fault, is_same_value

YAML = "a: &x '1'\nb: *x  # note\nc: [p, q]\n"
SET_A = Change("set", (0, "a"), 1)


@pytest.mark.parametrize(
    ("text", "changes", "reason"),
    [
        ("a: 1\nb: 1  # note\nc: [p, q]\n", [SET_A, Change("set", (0, "b"), 1)], None),
        ("a: &x 1\nb: *x  # note\nc: [p, q]\n", [SET_A], "another value would change with it"),
        ("a: 1.0\nb: '1'  # note\nc: [p, q]\n", [SET_A], "another value would change with it"),
        ("a: 1\nb: '1'  # note\nc: [p, q]\n", [SET_A], None),
        ("a: 1\nb: '1'\nc: [p, q]\n", [SET_A], "a comment would be lost"),
        ("a: 1\nb: [\n", [SET_A], "the file would no longer be readable"),
        ("d: '1'\nb: '1'  # note\nc: [p]\n",
         [Change("rename", (0, "a"), "d"), Change("drop", (0, "c", 1))], None),
    ],
)  # fmt: skip
def test_fault(text: str, changes: list[Change], reason: str | None) -> None:
    found = find_fault(read("a.yaml", YAML), text, changes, partial(read, "a.yaml"))
    assert found == reason or (reason and found and found.startswith(reason))


SCRIPT = """\
from peft import LoraConfig, get_peft_model
model = load()
config = LoraConfig(r="16", lora_alpha=8)
model = get_peft_model(model, config)
"""


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (("", ""), None),
        (("alpha=8", "alpha=9"), "another value would change with it"),
        (("(model, config)", "(model, other)"), "another value would change with it"),
    ],
)
def test_a_call_that_another_is_given_may_change(more: tuple[str, str], reason: str | None) -> None:
    text = SCRIPT.replace('r="16"', "r=16").replace(*more)
    changes = [Change("set", (0, "r"), 16)]
    assert find_fault(read("a.py", SCRIPT), text, changes, partial(read, "a.py")) == reason


def test_same() -> None:
    nan = float("nan")
    assert is_same_value([1, {"a": (2, None)}, nan], [1, {"a": [2, None]}, nan])
    assert is_same_value(Unknown("x"), Unknown("x"))
    assert not is_same_value(Unknown("x"), Unknown("y"))
    for one, other in [(1, 1.0), (1, True), ({"a": 1}, {"a": 1, "b": 1}), ([1], [1, 1]), ("1", 1)]:
        assert not is_same_value(one, other)


def finding(fix: Fix) -> Finding:
    return Finding("LC102", "wrong-type", "error", "x", "a.yaml", Span(1, 1, 1, 2), fix=fix)


def test_a_wrong_fix_is_dropped_and_the_others_are_taken() -> None:
    text = "a: '1'\nb: '2'\n"
    bad = Fix("x", (Edit(Span(1, 4, 1, 7), "3"),), True, (SET_A,))
    lost = Fix("x", (Edit(Span(2, 4, 2, 7), "2"),), True, (Change("set", (0, "b"), 2),))

    def check(now: str) -> list[Finding]:
        wrong = [finding(bad)._replace(message="a")] if "a: '1'" in now else []
        return wrong + ([finding(lost)._replace(message="b")] if "b: '2'" in now else [])

    found = apply_fixes(text, check, partial(read, "a.yaml"))
    assert found.text == "a: '1'\nb: 2\n"
    assert [f.message for f in found.applied] == ["b"]
    assert [reason for _, reason in found.dropped] == ["another value would change with it"]


def test_a_finding_that_stays_is_no_fix() -> None:
    step = Fix("x", (Edit(Span(1, 4, 1, 7), "1"),), True, (SET_A,))
    found = apply_fixes("a: '1'\n", lambda _: [finding(step)], partial(read, "a.yaml"))
    assert found.text == "a: '1'\n"
    assert [reason for _, reason in found.dropped] == ["the finding would remain"]


@pytest.mark.parametrize(
    ("name", "text", "path", "expected"),
    [
        ("a.json", '{"a": [1, 2, 3]}', (0, "a", 1), '{"a": [1, 3]}'),
        ("a.json", '{"a": [1, 2]}', (0, "a", 1), '{"a": [1]}'),
        ("a.json", '{"a": [1]}', (0, "a", 0), None),
        ("a.json", '{"a": 1, "b": 2}', (0, "a"), '{"b": 2}'),
        ("a.json", '{\n  "a": 1,\n  "b": 2\n}', (0, "b"), '{\n  "a": 1\n}'),
        ("a.yaml", "a: 1\nb:\n  - 1\nc: 2\n", (0, "b"), "a: 1\nc: 2\n"),
        ("a.yaml", "a:\n- 1\n- 2\n", (0, "a", 0), "a:\n- 2\n"),
        ("a.yaml", "a:\n- 1 # x\n- 2\n", (0, "a", 0), None),
        ("a.yaml", "- - 1\n  - 2\n", (0, 0, 0), None),
        ("a.yaml", "a: &k [1, 2]\nb: *k\n", (0, "b", 0), None),
        ("a.py", "from peft import LoraConfig\nL=['a','b']\nLoraConfig(target_modules=L)\n",
         (0, "target_modules", 0), None),
    ],
)  # fmt: skip
def test_remove(name: str, text: str, path: tuple[int, ...], expected: str | None) -> None:
    document = read(name, text)
    step = edits.remove_entry(document, path)
    assert (step is None) == (expected is None)
    if step is not None:
        from loracheck.fixes.apply import apply_edits

        assert apply_edits(text, list(step.edits)) == expected
        assert find_fault(document, str(expected), step.changes, partial(read, name)) is None
