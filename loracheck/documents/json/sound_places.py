"""The places of the values of a JSON text in which there is no fault: one pass over its tokens."""

from __future__ import annotations

import re

import loracheck.quick_json as json
from loracheck.documents.tree_document import Place
from loracheck.documents.values import replace_surrogates
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\]",:]+')
"""A string, a bracket, or a number or word; commas, colons and white space lie between."""


def locate_sound(text: str) -> Place:
    """The places of the value of a text that `json.loads` takes and that has no key twice in a
    mapping.
    """
    tokens = _TOKEN.finditer(text)
    match = next(tokens)
    root = Place(*match.span())
    if match[0] in ("{", "["):
        _fill(root, text, tokens)
    return root


def _fill(root: Place, text: str, tokens: Iterator[re.Match[str]]) -> None:
    """Add the places of all that a mapping or list holds, whose bracket has been read."""
    top, is_object, above = root, text[root.start] == "{", list[Place]()
    for match in tokens:
        start, end = match.span()
        char = text[start]
        if char in "}]":
            top.end = end
            if not above:
                return
            top = above.pop()
            is_object = text[top.start] == "{"
            continue
        if is_object:
            place = Place(0, 0, start, end)
            top.children[_read_key(text[start:end])] = place
            place.start, place.end = start, end = next(tokens).span()
            char = text[start]
        else:
            place = top.children[len(top.children)] = Place(start, end)
        if char in "{[":
            above.append(top)
            top, is_object = place, char == "{"


def _read_key(written: str) -> str:
    if "\\" not in written:
        return written[1:-1]
    key: str = replace_surrogates(json.loads(written))
    return key
