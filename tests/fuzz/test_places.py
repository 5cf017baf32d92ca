"""Any value, however it is written, is read back, and every span's text is the value's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.lines import Lines
from loracheck.documents.model import Document, DocumentError, Path, Span, Unknown
from tests.examples import examples

from .strategies import LONE_VALUES, VALUES, json_texts

WORD = "Zebra7"


def paths(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every path of a value, with what stands there."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*path, index))


def cut(text: str, span: Span) -> str:
    """The text of a span."""
    lines = Lines(text)
    return text[lines.offset(span.line, span.column) : lines.offset(span.end_line, span.end_column)]


def known(text: str) -> bool:
    """Whether no part of the text is filled in at run time."""
    return "${" not in text and "{{" not in text and "{%" not in text


@examples()
@given(json_texts())
def test_json(text: str) -> None:
    assume(known(text))
    document = read("a.json", text)
    assert document.roots == [json.loads(text.removeprefix("\ufeff"))]
    for path, value in paths(document.roots[0], (0,)):
        assert json.loads(cut(document.text, document.span(path))) == value
        if isinstance(path[-1], str):
            assert json.loads(cut(document.text, document.span(path, key=True))) == path[-1]


@examples()
@given(LONE_VALUES, st.sampled_from([None, 1]))
def test_lone_surrogates_are_replaced(value: Any, indent: int | None) -> None:
    """They are U+FFFD in every document, which can be written and shown; each place stays."""
    text = json.dumps(value, indent=indent)
    wanted = json.loads(re.sub("[\ud800-\udfff]", "\ufffd", json.dumps(value, ensure_ascii=False)))
    assume(known(text) and _count(wanted) == _count(value))
    document = read("a.json", text)
    assert document.roots == [wanted]
    json.dumps(document.roots, ensure_ascii=False).encode()
    for path, _ in paths(document.roots[0], (0,)):
        json.loads(cut(document.text, document.span(path)))


def _count(value: Any) -> int:
    """The values in a value: fewer where two keys have become one."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_count, inner))


@st.composite
def yaml_texts(draw: st.DrawFn) -> str:
    """Values, some of them shared, written as YAML in one of many ways."""
    shared = draw(VALUES)
    value = {"value": draw(VALUES), "first": shared, "again": [shared, {"deep": shared}]}
    documents = draw(st.lists(VALUES, max_size=1))
    text: str = yaml.safe_dump_all(
        [value, *documents],
        default_flow_style=draw(st.sampled_from([None, True, False])),
        default_style=draw(st.sampled_from([None, None, '"', "'", "|", ">"])),
        indent=draw(st.integers(1, 6)),
        width=draw(st.sampled_from([10, 80, 1000])),
        allow_unicode=draw(st.booleans()),
        line_break=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        explicit_start=draw(st.booleans()),
    )
    return text


@examples()
@given(yaml_texts())
def test_yaml(text: str) -> None:
    assume(known(text))
    try:
        wanted = list(yaml.safe_load_all(text))
    except (yaml.YAMLError, ValueError):
        assume(False)
    document = read("a.yaml", text)
    assert document.roots == wanted
    for number, root in enumerate(document.roots):
        for path, value in paths(root, (number,)):
            if not isinstance(value, (dict, list)) or not value:
                _is_the_value(document, path)
            else:
                _agrees(document.text, document.span(path), value)
            if isinstance(path[-1], str):
                _is_the_key(document, path)


def _is_the_value(document: Document, path: Path) -> None:
    """Whatever stands in the span, another word in its place is the value at the path."""
    changed = _replaced(document.text, document.span(path))
    assert _at(changed, path) == WORD, (path, cut(document.text, document.span(path)))


def _is_the_key(document: Document, path: Path) -> None:
    changed = _replaced(document.text, document.span(path, key=True))
    parent = _at(changed, path[:-1])
    assert WORD in parent and path[-1] not in parent


def _replaced(text: str, span: Span) -> list[Any]:
    lines = Lines(text)
    start = lines.offset(span.line, span.column)
    end = lines.offset(span.end_line, span.end_column)
    space = " " if text[start - 1 : start] == ":" else ""
    return list(yaml.safe_load_all(text[:start] + space + WORD + text[end:]))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _agrees(text: str, span: Span, value: Any) -> None:
    """The text of a list or mapping, put back at its column, is the value. One with an alias in it
    cannot be read alone; the last line breaks of a block scalar, which `+` keeps, are outside; and
    columns are not YAML's where YAML sees a line end that no editor shows.
    """
    if re.search("[\x85\u2028\u2029]", text):
        return
    piece = cut(text, span) + "\n"
    if "*id" in piece or re.search(r"[|>]\d?\+", piece):
        return
    start = Lines(text).offset(span.line, 1)
    before = text[start : start + span.column - 1]
    indented = "-" + " " * (span.column - 2) + piece if span.column > 1 else piece
    found = [_load(piece), _load(indented), _load(before + piece)]
    assert any(_holds(one, value) for one in found), (piece, value)


def _load(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return Unknown(text)


def _holds(found: Any, value: Any) -> bool:
    """Whether the value is what was loaded, or the one thing in it."""
    while found != value:
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        elif isinstance(found, dict) and len(found) == 1:
            found = next(iter(found.values()))
        else:
            return False
    return True


@examples()
@given(st.text(max_size=200))
def test_spans_stay_inside_the_text(text: str) -> None:
    for name in ("a.json", "a.yaml"):
        try:
            document = read(name, text)
        except DocumentError as error:
            lines = Lines(text.removeprefix("\ufeff"))
            assert 1 <= error.span.line <= len(lines.starts)
            continue
        for number, root in enumerate(document.roots):
            span = document.span((number,))
            assert (span.line, span.column) <= (span.end_line, span.end_column), root
