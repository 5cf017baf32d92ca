"""Finds the places of all values and keys of a TOML text; the second pass over it.

The text was read by `tomllib` before, so that this pass may trust its form (TOML 1.0.0).
"""

from __future__ import annotations

import re
import sys

from loracheck.documents.tree_document import Place, Positions
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.lines import Lines

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\r\n]+")

Key = tuple[str, int, int]


def locate(text: str, lines: Lines) -> Positions:
    """The places of all values of a text that `parse` took."""
    return Positions([_Reader(text).root()], [])


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def root(self) -> Place:
        root = Place(0, len(self.text))
        table = root
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return root
            if self.text[self.at] == "[":
                table = self._read_header(root)
            else:
                self._read_pair(table)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def _read_keys(self) -> list[Key]:
        """The parts of a dotted key, each with its place."""
        keys: list[Key] = []
        while True:
            match = _KEY.match(self.text, self.at)
            if match is None:
                self.at = len(self.text)
                return keys
            keys.append((_name(match[0]), match.start(), match.end()))
            self.at = match.end()
            dot = _DOT.match(self.text, self.at)
            if dot is None:
                return keys
            self.at = dot.end()

    def _read_header(self, root: Place) -> Place:
        """`[a.b]` or `[[a.b]]`: the table whose pairs follow."""
        start = self.at
        several = self.text.startswith("[[", self.at)
        self.at += 2 if several else 1
        self._skip(_SPACE)
        keys = self._read_keys()
        self._skip(_SPACE)
        self.at += 2 if several else 1
        table = root
        for key in keys:
            table = _get_last_table(_get_or_add_child(table, key, start, self.at))
        if several and keys:
            # _last went into the table before this one, if there is one: the list is its owner.
            owner = root
            for key in keys[:-1]:
                owner = _get_last_table(owner.children[key[0]])
            listed = owner.children[keys[-1][0]]
            table = Place(start, self.at)
            listed.children[len(listed.children)] = table
        return table

    def _read_pair(self, table: Place) -> None:
        keys = self._read_keys()
        self._skip(_SPACE)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        if not keys:
            return
        for key in keys[:-1]:
            table = _get_or_add_child(table, key, key[1], key[2])
        value = self._read_value()
        value.key_start, value.key_end = keys[-1][1:]
        table.children[keys[-1][0]] = value
        table.end = max(table.end, value.end)

    def _read_value(self) -> Place:
        place = Place(self.at, self.at)
        opener = self.text[self.at : self.at + 1]
        if opener in ("[", "{"):
            self.at += 1
            self._read_members(place, opener)
        else:
            self._skip(_STRING if opener in ('"', "'") else _PLAIN)
            trimmed = self.text[place.start : self.at].rstrip()
            self.at = max(place.start + len(trimmed), place.start + 1)
        place.end = self.at
        return place

    def _read_members(self, place: Place, opener: str) -> None:
        """Read the members between brackets, and the closing bracket."""
        while True:
            self._skip(_BLANK)
            char = self.text[self.at : self.at + 1]
            if char == ",":
                self.at += 1
            elif char in ("]", "}", ""):
                self.at += 1
                return
            elif opener == "{":
                self._read_pair(place)
            else:
                place.children[len(place.children)] = self._read_value()


def _name(raw: str) -> str:
    return str(tomllib.loads(f"x = {raw}")["x"]) if raw[0] in "\"'" else raw


def _get_or_add_child(table: Place, key: Key, start: int, end: int) -> Place:
    """The member of that name in a table; it is added where it is missing."""
    name, key_start, key_end = key
    if name not in table.children:
        table.children[name] = Place(start, end, key_start, key_end)
    return table.children[name]


def _get_last_table(place: Place) -> Place:
    """The last table where the place is an array of tables, else the place itself."""
    numbers = [step for step in place.children if isinstance(step, int)]
    return place.children[numbers[-1]] if numbers else place
