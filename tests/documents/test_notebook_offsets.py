"""The places of a notebook's source are those that the full JSON scanner finds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents.json.scanner import Scanner
from loracheck.documents.notebook.offsets import (
    CellStrings,
    compute_character_offsets,
    find_cell_strings,
)

TEXT = st.text(st.sampled_from('aä€😀"\\/\n\t\x01 {}[]:,'), max_size=6)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CELL = st.fixed_dictionaries({}, optional={"source": st.lists(TEXT, max_size=3) | TEXT | JSON})
NOTEBOOK = st.fixed_dictionaries(
    {}, optional={"metadata": JSON, "cells": st.lists(CELL | JSON, max_size=4), "last": JSON}
)


def scan(text: str) -> dict[int, CellStrings]:
    """The same by the places of all values."""
    strings: dict[int, CellStrings] = {}
    root = json.loads(text)
    cells = Scanner(text).scan().children.get("cells")
    if cells is None or not isinstance(root["cells"], list):
        return strings
    for index, cell in cells.children.items():
        value = root["cells"][index]
        if isinstance(value, dict) and "source" in value:
            source = cell.children["source"]
            inner = source.children.values() if isinstance(value["source"], list) else [source]
            places = [(one.start, text[one.start : one.end]) for one in inner]
            strings[int(index) + 1] = [one for one in places if one[1].startswith('"')]
    return strings


@given(NOTEBOOK, st.sampled_from([None, 0, 1]), st.booleans())
def test_strings_of_cells(notebook: Any, indent: int | None, ascii: bool) -> None:
    text = json.dumps(notebook, indent=indent, ensure_ascii=ascii)
    assert find_cell_strings(text) == scan(text)


@given(st.text(max_size=8), st.booleans())
def test_each_character_has_its_place(value: str, ascii: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii)
    offsets = compute_character_offsets(raw)
    assert len(offsets) == len(json.loads(raw)) + 1
    ends = [*offsets[1:], len(raw) - 1]
    pieces = [raw[start:end] for start, end in zip(offsets, ends, strict=True)][:-1]
    assert [json.loads(f'"{piece}"') for piece in pieces] == list(json.loads(raw))


@pytest.mark.parametrize("text", ["", "{", '{"cells": [', '{"cells": [{"source": ["a"'])
def test_what_is_no_json_is_refused(text: str) -> None:
    if text:
        with pytest.raises(ValueError):
            find_cell_strings(text)
    else:
        assert find_cell_strings(text) == {}
