"""A reader of plain YAML: of the forms that nearly all configs are written in, at a fifth of the
cost, without importing PyYAML, which takes three times as long as starting Python.

It reads block mappings and lists, flow collections, plain scalars on one line, quoted ones without
escapes, and comments. What has anything else (anchors, tags, block scalars, several
documents, a duplicate key, a date) or is wrong raises NotPlainError, and is read by PyYAML. What is
read has the values of `yaml.safe_load` and the places of `spans.py`; tests hold both to it.
"""

from __future__ import annotations

from loracheck.documents.tree_document import Place, Positions
from loracheck.documents.values import MAX_VALUES
from loracheck.type_checking import TYPE_CHECKING

from .plain_values import NotPlainError, PlacedValue, RawPlace, is_plain_key, read_inline

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.lines import Lines
    from loracheck.documents.values import Value

MOST_LEVELS = 30
"""Deepest nesting that is read here."""

_LONGEST_KEY = 128
"""Longest key that is read here; YAML itself has 1,024 (section 7.4.2, implicit keys)."""

Row = tuple[int, int, str]
"""A line with something in it: its indentation, the offset of its content, and that."""


def read_plain(text: str) -> PlacedValue:
    """The value of a text of one document, and the places in it. Raises NotPlainError."""
    if len(text) > MAX_VALUES:
        raise NotPlainError
    rows = _split_into_rows(text)
    if rows and rows[0][0] == 0 and rows[0][2].rstrip(" ") == "---":
        del rows[0]
    if not rows:
        raise NotPlainError
    reader = _Reader(text, rows)
    block = reader.read_block(0)
    if reader.at != len(rows):
        raise NotPlainError
    return block


def build_positions(root: RawPlace, text: str, lines: Lines) -> Positions:
    """The places of a text that was read, as a `TreeDocument` asks for them."""
    return Positions([_build_place(root)], [])


def _build_place(raw: RawPlace) -> Place:
    start, end, key_start, key_end, children = raw
    place = Place(start, end, key_start, key_end)
    if children:
        place.children = {step: _build_place(child) for step, child in children.items()}
    return place


def _split_into_rows(text: str) -> list[Row]:
    """The lines with something in them. Raises NotPlainError where a character counts as a line's
    end, or as none, for YAML and not here.
    """
    lines = text.split("\n")
    if not "".join(lines).isprintable():
        raise NotPlainError
    rows: list[Row] = []
    offset = 0
    for line in lines:
        content = line.lstrip(" ")
        if content and content[0] != "#":
            indent = len(line) - len(content)
            rows.append((indent, offset + indent, content))
        offset += len(line) + 1
    return rows


class _Reader:
    """Reads block collections row by row; `at` is the next row."""

    def __init__(self, text: str, rows: list[Row]) -> None:
        self.text = text
        self.rows = rows
        self.at = 0

    def read_block(self, level: int) -> PlacedValue:
        """The collection that begins in the next row."""
        indent, _, content = self.rows[self.at]
        if level > MOST_LEVELS:
            raise NotPlainError
        if _begins_item(content):
            return self._read_list(indent, level, within_mapping=False)
        return self._read_mapping(indent, level)

    def _read_mapping(self, indent: int, level: int) -> PlacedValue:
        rows, most = self.rows, len(self.rows)
        values: dict[Any, Value] = {}
        places: dict[Any, RawPlace] = {}
        begin = rows[self.at][1]
        while self.at < most:
            row_indent, start, content = rows[self.at]
            if row_indent != indent:
                if row_indent > indent:
                    raise NotPlainError
                break
            key, colon, rest = content.partition(":")
            if key in values or not (colon and is_plain_key(key) and len(key) <= _LONGEST_KEY):
                raise NotPlainError
            after = start + len(key) + 1
            self.at += 1
            value, place = self._read_value(rest, after, indent, level, in_list=False)
            values[key] = value
            places[key] = (place[0], place[1], start, after - 1, place[4])
        return values, (begin, place[1], -1, -1, places)

    def _read_list(self, indent: int, level: int, *, within_mapping: bool) -> PlacedValue:
        rows, most = self.rows, len(self.rows)
        values: list[Value] = []
        places: dict[Any, RawPlace] = {}
        begin = rows[self.at][1]
        while self.at < most:
            row_indent, start, content = rows[self.at]
            if row_indent != indent or not _begins_item(content):
                if row_indent > indent or (row_indent == indent and not within_mapping):
                    raise NotPlainError
                break
            item = content[1:].lstrip(" ")
            inner = len(content) - len(item)
            key, colon, rest = item.partition(":")
            if colon and (not rest or rest[0] == " ") and is_plain_key(key):
                self.rows[self.at] = (indent + inner, start + inner, item)
                value, place = self._read_mapping(indent + inner, level + 1)
            else:
                self.at += 1
                value, place = self._read_value(content[1:], start + 1, indent, level, in_list=True)
            places[len(values)] = place
            values.append(value)
        return values, (begin, place[1], -1, -1, places)

    def _read_value(
        self, rest: str, after: int, indent: int, level: int, *, in_list: bool
    ) -> PlacedValue:
        """The value behind a key's colon or an item's dash, of which the next row is the first that
        is not this one. `rest` is what stands behind it, at the offset `after`.
        """
        written = rest.lstrip(" ")
        if written and written[0] != "#":
            if rest[0] != " ":
                raise NotPlainError
            start = after + len(rest) - len(written)
            if written[0] in "[{":
                return self._read_flow_value(written, start)
            return read_inline(written, start)
        if rest and rest[0] == "#":
            raise NotPlainError
        if self.at < len(self.rows):
            row_indent, _, content = self.rows[self.at]
            if row_indent > indent:
                return self.read_block(level + 1)
            if row_indent == indent and not in_list and _begins_item(content):
                return self._read_list(indent, level + 1, within_mapping=True)
        return None, (after, after, -1, -1, None)

    def _read_flow_value(self, text: str, start: int) -> PlacedValue:
        """The flow collection that the rest of a line begins with, and the rows it goes on in."""
        brackets = text.count("[") + text.count("{")
        missing = brackets - text.count("]") - text.count("}")
        if missing > 0:
            while missing > 0 and self.at < len(self.rows):
                _, begin, content = self.rows[self.at]
                missing += content.count("[") + content.count("{")
                missing -= content.count("]") + content.count("}")
                text = self.text[start : begin + len(content)]
                self.at += 1
        return read_inline(text, start)


def _begins_item(content: str) -> bool:
    return content[0] == "-" and (len(content) == 1 or content[1] == " ")
