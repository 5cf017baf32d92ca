"""A comment is what the format takes for one, and nothing in a string is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.comments import find_comments

YAML = [
    ("a: 1 # x", ["# x"]),
    ("a: 1# x", []),
    ("#first\n\n  # second\na: b", ["#first", "# second"]),
    ('a: "1 # no" # yes', ["# yes"]),
    ("a: '1 # no\n   # no'\nb: 2", []),
    ("a: |\n  # no\n  text\n# yes\nb: 1", ["# yes"]),
    ("a: > # yes\n  # no\n", ["# yes"]),
    ("a: [1, # yes\n  2] # too # all", ["# yes", "# too # all"]),
    ("a: b\r\n# x\r\nc: d #y\r\n", ["# x", "#y"]),
    ("a: http://x/#no\n", []),
    ("a:  # yes\n  b: 1\n", ["# yes"]),
]
PYTHON = [
    ("a = 1  # x\n", ["# x"]),
    ('a = "# no"  # yes # all\n', ["# yes # all"]),
    ('"""\n# no\n"""\n# yes', ["# yes"]),
    ("f(\n  # one\n  1,  # two\n)\r\n# three\r\n", ["# one", "# two", "# three"]),
    ("ä = 'ö'  # ü\n", ["# ü"]),
    ("def f(:\n", []),
]
TOML = [
    ("a = 1 # x\n#y", ["# x", "#y"]),
    ('a = "# no" # yes', ["# yes"]),
    ("a = '# no\\' # yes", ["# yes"]),
    ('a = """\n# no "" \\""" # no\n""" # yes', ["# yes"]),
    ("a = '''\n# no\n''' # yes", ["# yes"]),
]
CASES = [
    (name, *case)
    for name, cases in (("yaml", YAML), ("python", PYTHON), ("toml", TOML), ("json", [("#", [])]))
    for case in cases
]


@pytest.mark.parametrize(("format", "text", "expected"), CASES)
def test_comments(format: str, text: str, expected: list[str]) -> None:
    found = find_comments(text, format)
    assert [words for _, words in found] == expected
    assert all(text.startswith(words, at) for at, words in found)


WORDS = st.sampled_from(["x", "# no", "a # no", "it's", "#", "1"])
QUOTED = WORDS.map(lambda s: '"' + s + '"') | WORDS.map(lambda s: "'" + s.replace("'", "''") + "'")
REMARK = st.none() | st.sampled_from(["#", "# it's", '# "x', "# a: b"])


@given(st.lists(st.tuples(QUOTED, REMARK), min_size=1, max_size=6), st.booleans())
def test_the_comments_of_a_made_text_are_found(
    rows: list[tuple[str, str | None]], flow: bool
) -> None:
    ends = [f" {remark}" if remark else "" for _, remark in rows]
    if flow:
        body = "".join(f"  {value},{end}\n" for (value, _), end in zip(rows, ends, strict=True))
        text = f"a: [\n{body}]\n"
    else:
        text = "".join(f"- {value}{end}\n" for (value, _), end in zip(rows, ends, strict=True))
    assert read("a.yaml", text).roots
    assert [words for _, words in find_comments(text, "yaml")] == [r for _, r in rows if r]
