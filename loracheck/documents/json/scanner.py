"""A JSON scanner that knows the offset of every value. It is the second pass: slower than
`json.loads`, exact about every fault, and without recursion.
"""

from __future__ import annotations

import json
import re
from json import decoder

from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError
from loracheck.documents.tree_document import Place
from loracheck.documents.values import MAX_DEPTH, MAX_DIGITS, MAX_PROBLEMS, replace_surrogates
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.documents.values import Value

# The standard library's own reader of one string, which its stubs do not name.
_scanstring: Callable[[str, int, bool], tuple[str, int]] = vars(decoder)["scanstring"]

_SPACE = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"true|false|null")
_CONSTANT = re.compile(r"-?Infinity|NaN")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")

Mark = tuple[int, int]


class _Open(NamedTuple):
    """An object or array that is not closed yet."""

    place: Place
    is_object: bool
    keys: dict[str, Mark]


class Scanner:
    """One pass over `text`. After `scan`, `duplicates` holds (key, first place, later place) and
    `constants` the places of NaN and Infinity, all as offsets.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.duplicates: list[tuple[str, Mark, Mark]] = []
        self.constants: list[Mark] = []
        self._open: list[_Open] = []

    def scan(self) -> Place:
        """The places of the text's value. Raises DocumentError at the first fault."""
        root = Place(0, 0)
        self._read_value(root)
        while self._open:
            self._read_next()
        self._skip_space()
        if self.at < len(self.text):
            self._fail("end")
        return root

    def _read_next(self) -> None:
        """Read one more member of the innermost container, or its end."""
        top = self._open[-1]
        self._skip_space()
        closer = "}" if top.is_object else "]"
        first = not top.place.children
        if self.text.startswith(closer, self.at):
            self.at += 1
            top.place.end = self.at
            self._open.pop()
            return
        if not first:
            if not self.text.startswith(",", self.at):
                self._fail("comma")
            comma = self.at
            self.at += 1
            self._skip_space()
            if self.text.startswith(closer, self.at):
                self._fail("trailing-comma", comma)
        if top.is_object:
            self._read_member(top)
        else:
            place = Place(0, 0)
            top.place.children[len(top.place.children)] = place
            self._read_value(place)

    def _read_member(self, top: _Open) -> None:
        start = self.at
        if not self.text.startswith('"', start):
            self._fail("key")
        key = replace_surrogates(self._read_string())
        mark = (start, self.at)
        if key in top.keys and len(self.duplicates) < MAX_PROBLEMS:
            self.duplicates.append((key, top.keys[key], mark))
        top.keys[key] = mark
        self._skip_space()
        if not self.text.startswith(":", self.at):
            self._fail("colon")
        self.at += 1
        self._skip_space()
        place = Place(0, 0, *mark)
        top.place.children[key] = place
        self._read_value(place)

    def _read_value(self, place: Place) -> None:
        """Read a scalar whole, or the opening of a container."""
        self._skip_space()
        place.start = self.at
        char = self.text[self.at : self.at + 1]
        if char in ("{", "["):
            if len(self._open) >= MAX_DEPTH:
                self._fail("depth")
            self._open.append(_Open(place, char == "{", {}))
            self.at += 1
        elif char == '"':
            self._read_string()
        elif match := _WORD.match(self.text, self.at):
            self.at = match.end()
        elif match := _CONSTANT.match(self.text, self.at):
            self.at = match.end()
            if len(self.constants) < MAX_PROBLEMS:
                self.constants.append(match.span())
        elif match := _NUMBER.match(self.text, self.at):
            whole = match.lastindex == 1
            if whole and match.end() - match.start() > MAX_DIGITS:
                self._fail("digits")
            self.at = match.end()
        else:
            self._fail("value")
        place.end = self.at

    def _read_string(self) -> Value:
        try:
            value, self.at = _scanstring(self.text, self.at + 1, True)
        except json.JSONDecodeError as error:
            self.at = error.pos
            self._fail(f"string:{error.msg}")
        return value

    def _skip_space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None  # the pattern matches the empty string
        self.at = match.end()

    def _fail(self, expected: str, at: int | None = None) -> None:
        at = self.at if at is None else at
        bracket_start = self._open[-1].place.start if self._open else None
        from . import syntax_errors  # only a broken file needs it

        reason = syntax_errors.explain_fault(self.text, at, expected, bracket_start)
        raise DocumentError(reason, Lines(self.text).at(at))
