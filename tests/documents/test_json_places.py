"""The fast pass over a sound JSON text finds the places that the exact one finds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents.json.scanner import Scanner
from loracheck.documents.json.sound_places import locate_sound
from loracheck.documents.tree_document import Place
from tests.examples import examples

TEXTS = st.text(st.characters(codec="utf-8")) | st.sampled_from(
    ['a"b', "\\", "{[,:]}", "\\u0041", "a: b, c"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=25,
)


def describe(place: Place) -> tuple[Any, ...]:
    marks = place.start, place.end, place.key_start, place.key_end
    return (*marks, [(key, describe(child)) for key, child in place.children.items()])


@given(value=VALUES, ascii_only=st.booleans(), style=st.sampled_from([None, 0, 2, "\t"]))
@examples(300)
def test_every_place_is_that_of_the_scanner(value: Any, ascii_only: bool, style: Any) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=style).replace("Infinity", "1e999")
    assert describe(locate_sound(text)) == describe(Scanner(text).scan())


@pytest.mark.parametrize(
    "text",
    [
        ' {"a" : [ ] , "b":{ }}\r\n',
        '"alone"',
        "-1.5e+3",
        '[[],[[]],{"a":[1]}, "x\\"y", "\\\\"]',
        '{"\\u0061": 1, "\\ud800": [true , null]}',
    ],
)
def test_odd_texts(text: str) -> None:
    assert describe(locate_sound(text)) == describe(Scanner(text).scan())
