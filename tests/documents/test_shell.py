"""Shell scripts: words are split as shlex splits them, and nothing makes the reader fail."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.model import Unknown
from tests.documents.test_cases import excerpt

PIECES = st.text("ab/._-é", min_size=1, max_size=4)
QUOTED = st.text("ab c;#&|<>()", max_size=4)
WORDS = st.lists(
    PIECES | QUOTED.map(lambda t: f"'{t}'") | QUOTED.map(lambda t: f'"{t}"') | st.just("\\;"),
    min_size=1,
    max_size=3,
).map("".join)
GAPS = st.sampled_from([" ", "  ", " \\\n  ", "\t"])


@given(words=st.lists(WORDS, min_size=1, max_size=5), gap=GAPS)
def test_words_are_those_of_the_shell(words: list[str], gap: str) -> None:
    text = gap.join(["run", "--lora_x", *words])
    wanted = shlex.split(text)[2:]
    (root,) = read("a.sh", text).roots
    if any(word.startswith("--") for word in wanted):
        return
    found = root["lora_x"] if isinstance(root["lora_x"], list) else [root["lora_x"]]
    assert [str(one) for one in found] == wanted


@given(number=st.integers(-10_000, 10_000) | st.floats(-1e9, 1e9), sign=st.sampled_from(" ="))
def test_numbers(number: float, sign: str) -> None:
    document = read("a.sh", f"x --a b \\\n --lora_r{sign}{number} # y")
    assert document.roots == [{"a": "b", "lora_r": number}]
    assert str(number) in excerpt(document.text, document.span((0, "lora_r")))[0]


@given(text=st.text("lora -=\"'\\$(){}<>;&|#\n\tE`", max_size=60))
def test_any_text(text: str) -> None:
    document = read("a.sh", text)
    for number, root in enumerate(document.roots):
        for name in root:
            document.span((number, name), key=True)


def test_variables() -> None:
    text = "A=x\nB=1\nB=2\nrun --lora $A/y --b \"${B}\" --c '$A' --d $(ls) --e `ls`"
    (root,) = (r for r in read("a.sh", text).roots)
    assert root["lora"] == "x/y"
    assert root["c"] == "$A"
    assert all(isinstance(root[key], Unknown) for key in "bde")


def test_hostile_texts_take_no_time() -> None:
    for text in (
        "lora " + "(" * 50_000,
        "lora $(" * 20_000,
        "lora '" + "\\" * 50_000,
        "<<E lora\n" * 9_000,
    ):
        read("a.sh", text)
