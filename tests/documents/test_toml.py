"""Any TOML text: the values are tomllib's, and where a value is said to stand, it stands."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.model import DocumentError
from tests.documents.test_cases import excerpt

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WORDS = st.text("ab_-1", min_size=1, max_size=4)
KEYS = WORDS | st.sampled_from(['"a b"', "'x.y'", '"\\u00e9"', '""', '"q#\\""'])
SCALARS = st.sampled_from(
    [
        "1",
        "-0x1F",
        "1e-4",
        "inf",
        "true",
        "2024-01-02 03:04:05",
        '"a"',
        '""',
        "'b]}'",
        '"q\\"#,"',
        '"""\nx "" y\n"""',
        '""""q""""',
        "'''it's'''",
        "''''''",
    ]
)
GAPS = st.sampled_from(["", " ", "\n", " # a ] comment\n", "\r\n  "])


@st.composite
def lists(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """An array, with white space, comments and perhaps a last comma."""
    parts = draw(st.lists(inner, max_size=3))
    body = ",".join(draw(GAPS) + part + draw(GAPS) for part in parts)
    return f"[{body}{',' if parts and draw(st.booleans()) else ''}{draw(GAPS)}]"


@st.composite
def tables(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """An inline table."""
    keys = draw(st.lists(KEYS, max_size=3, unique=True))
    return "{ " + " , ".join(f"{key} = {draw(inner)}" for key in keys) + " }"


VALUES = st.recursive(SCALARS, lambda inner: lists(inner) | tables(inner), max_leaves=6)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Headers and pairs, in any order; not every one is valid."""
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        dotted = " . ".join(draw(st.lists(KEYS, min_size=1, max_size=2)))
        kind = draw(st.sampled_from(["pair", "pair", "table", "several"]))
        form = {"pair": "{0} = {1}", "table": "[ {0} ]", "several": "[[{0}]]"}[kind]
        lines.append(form.format(dotted, draw(VALUES)) + draw(st.sampled_from(["", " # c"])))
    return draw(st.sampled_from(["\n", "\r\n", "\n\n"])).join(lines)


def leaves(value: Any, path: tuple[Any, ...]) -> Any:
    """Every path to a value that is not a table of its own."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


@given(text=texts())
def test_places(text: str) -> None:
    try:
        wanted = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(DocumentError):
            read("a.toml", text)
        return
    document = read("a.toml", text)
    assert document.roots == [wanted] or "nan" in text
    for path, value in leaves(wanted, (0,)):
        found = excerpt(text, document.span(path))[0]
        assert tomllib.loads(f"x = {found}")["x"] == value, (path, found)
        if isinstance(path[-1], str):
            key = excerpt(text, document.span(path, key=True))[0]
            assert tomllib.loads(f"{key} = 1") == {path[-1]: 1}, (path, key)


@given(text=st.text(max_size=60))
def test_any_text(text: str) -> None:
    try:
        document = read("a.toml", text)
    except DocumentError as error:
        assert error.reason
        assert error.span.line >= 1
        return
    for path, _ in leaves(document.roots[0], (0,)):
        document.span(path)


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000, "a" + ".a" * 5000])
def test_hostile_texts(text: str) -> None:
    with pytest.raises(DocumentError):
        read("a.toml", text)
