"""From an offset back to the value that stands there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.tree_document import TreeDocument
from tests.examples import examples

KEYS = st.text("abc_é😀", min_size=1, max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | st.text("xy é😀", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)


def paths(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, (dict, list)):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(inner, (*path, step))


def document_of(name: str, text: str) -> TreeDocument:
    document = read(name, text)
    assert isinstance(document, TreeDocument)
    return document


@examples(150)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), st.sampled_from([None, 1]))
def test_every_value_and_key_is_found_where_it_stands(value: Any, indent: int | None) -> None:
    document = document_of("a.json", json.dumps(value, indent=indent, ensure_ascii=False))
    for path in paths(value, (0,)):
        span = document.span(path)
        # Between two signs that both belong to a value: an end may be another's beginning.
        start = document.lines.offset(span.line, span.column)
        end = document.lines.offset(span.end_line, span.end_column)
        if end - start > 1:
            found = document.path_at(start + 1)
            assert found is not None and found.path[: len(path)] == path
        if isinstance(path[-1], str):
            key = document.span(path, key=True)
            found = document.path_at(document.lines.offset(key.line, key.column) + 1)
            assert found == (path, True)
    assert document.path_at(len(document.text) + 1) is None


@pytest.mark.parametrize(
    ("name", "text", "word", "path", "key"),
    [
        ("a.yaml", "a:\n  - b\n  - cd\n", "cd", (0, "a", 1), False),
        ("a.yaml", "ab: {cd: 1}\n", "cd", (0, "ab", "cd"), True),
        ("a.toml", "[ab]\ncd = [1, 22]\n", "22", (0, "ab", "cd", 1), False),
        (
            "a.py",
            "T = ['xy']\nLoraConfig(target_modules=T)\n",
            "xy",
            (0, "target_modules", 0),
            False,
        ),
        ("a.py", "LoraConfig(target_modules=['xy'])\n", "target", (0, "target_modules"), True),
    ],
)
def test_the_other_formats(name: str, text: str, word: str, path: Any, key: bool) -> None:
    assert document_of(name, text).path_at(text.index(word) + 1) == (path, key)
