"""Values, texts and programs for the fuzz tests."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

_ODD = ["r", "lora_alpha", "1e-4", "yes", "é𝔘", "a\nb\n", "  x ", "#c", "*a", "\u2028", "- x"]
_CHARACTERS = st.characters(exclude_categories=["Cs"])
TEXT = st.text(_CHARACTERS, max_size=12) | st.sampled_from([*_ODD, "a\0b", "\0"])
"""Texts with NUL, which JSON and YAML write as an escape."""
NUMBERS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
"""Anything that JSON can hold, but for lone surrogates."""

LONE = st.text(st.characters() | st.sampled_from("\ud800\udfff\0"), max_size=6)
LONE_VALUES = st.recursive(
    NUMBERS | LONE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LONE, inner, max_size=3),
    max_leaves=8,
)
"""Values whose texts have lone surrogates, which JSON's escapes let in."""

CASES = Path(__file__).parents[1]
SEEDS = [
    path.read_bytes()
    for path in sorted(CASES.glob("d*/cases/**/*.*"))
    if path.suffix in (".json", ".yaml", ".py") and ".expected" not in path.name
]
"""The texts of all cases, to start mutations from."""

_MARKS = r"""{ } [ ] : , " ' \ # - ? & * | > = ( ) &a *a <<: !x ... NaN 1e999 0x_ 08:60 r= **
!!python/name:os.system 2024-13-45 LoraConfig( lambda: f'{ peft. ${X} {{ }} \ud800""".split()  # noqa: SIM905  (a table is easier read than forty literals)
_PIECES = [
    *(mark.encode() for mark in _MARKS),
    *(mark.encode() + b" " for mark in _MARKS),
    *(b"\n", b"\t", b" ", b"\r", b"\n---\n", b"%YAML 1.1\n", b"\xef\xbb\xbf", b"\xff", b"\0"),
    *("\u2028".encode(), "𝔘".encode(), b"9" * 5000, b"[" * 200),
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A case's text with a few pieces put in, cut out or doubled."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.sampled_from([0, 0, 0, 1, 2, 10]))
        piece = draw(st.sampled_from(_PIECES) | st.binary(max_size=4) | st.just(data[at : at + 20]))
        data = data[:at] + piece + data[at + cut :]
    return data


@st.composite
def json_texts(draw: st.DrawFn) -> str:
    """A value written as JSON in one of many ways."""
    text = json.dumps(
        draw(VALUES),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 2, "\t"])),
        separators=draw(st.sampled_from([(",", ":"), (" , ", " : "), (", ", ": ")])),
    )
    if draw(st.booleans()):
        text = text.replace("\n", draw(st.sampled_from(["\r\n", "\n\n", "\r"])))
    before = draw(st.sampled_from(["", " ", "\n", "\ufeff"]))
    return before + text + draw(st.sampled_from(["", "\n"]))
