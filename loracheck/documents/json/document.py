"""JSON documents.

Values are those of `json.loads` (as PEFT's `PeftConfigMixin.from_json_file` reads them, 0.21.2).
Problems: "duplicate-key" (the last one counts, PEFT never sees the first) and "not-a-number" (NaN
and Infinity, which Python reads and RFC 8259 does not know).
"""

from __future__ import annotations

import loracheck.quick_json as json
from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError, Problem
from loracheck.documents.source import require_content
from loracheck.documents.tree_document import Positions, TreeDocument
from loracheck.documents.values import (
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_VALUES,
    ExcessError,
    mark_unknown_values,
    may_hold_unknowns,
    measure,
)
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, NoReturn

    from loracheck.documents.values import Value


_STRING = compile_when_used(r'"(?:[^"\\]|\\.)*"')


def parse(path: str, text: str) -> TreeDocument:
    """The document of a JSON text. Raises DocumentError with the place of the fault."""
    require_content(text)
    _refuse_wide(text)
    hooks = _Hooks()
    try:
        value = json.loads(
            text,
            object_pairs_hook=hooks.object,
            parse_constant=hooks.constant,
            parse_int=_parse_integer,
        )
    except (ValueError, RecursionError) as error:
        _raise_fault(text, error)
    if len(text) > MAX_VALUES or text.count("[") + text.count("{") > MAX_DEPTH:
        try:
            measure(value)
        except ExcessError as error:
            _raise_fault(text, error)
    if may_hold_unknowns(text):
        value = mark_unknown_values(value)
    find = locate if hooks.has_problems else _locate_sound
    return TreeDocument(path, text, "json", [value], find, has_problems=hooks.has_problems)


def _locate_sound(text: str, lines: Lines) -> Positions:
    """The places of all values of a text that `parse` took and saw no problem in."""
    from .sound_places import locate_sound  # a good text without findings needs no places

    return Positions([locate_sound(text)], [])


def locate(text: str, lines: Lines) -> Positions:
    """The places of all values of a text that `parse` took, and its problems."""
    from .scanner import Scanner

    scanner = Scanner(text)
    place = scanner.scan()
    problems = [
        Problem(
            "duplicate-key",
            f"the key {name!r} stands here twice; the last one counts",
            lines.span(*last),
            ((lines.span(*first), "first here"),),
        )
        for name, first, last in scanner.duplicates
    ]
    problems += [
        Problem(
            "not-a-number",
            f"{text[start:end]} is not JSON: Python reads it, other readers refuse the file",
            lines.span(start, end),
        )
        for start, end in scanner.constants
    ]
    return Positions([place], sorted(problems, key=lambda problem: problem.span))


def _refuse_wide(text: str) -> None:
    """Raises DocumentError for more than MAX_VALUES values, by counting commas, so that a huge text
    is refused before its values are made.
    """
    if text.count(",") > MAX_VALUES and _STRING.sub("", text).count(",") > MAX_VALUES:
        raise DocumentError(f"the file holds more than {MAX_VALUES:,} values")


class _Hooks:
    """Callbacks of the fast parser that note whether there is a duplicate key or a NaN, which the
    second pass then locates.
    """

    def __init__(self) -> None:
        self.has_problems = False

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Value]:
        value = dict(pairs)
        if len(value) != len(pairs):
            self.has_problems = True
        return value

    def constant(self, name: str) -> float:
        self.has_problems = True
        return float(name)


def _parse_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("number too long")
    return int(digits)


def _raise_fault(text: str, error: Exception) -> NoReturn:
    """Raises the DocumentError for a text that the fast parser or a limit refused."""
    from json import JSONDecodeError

    from .scanner import Scanner

    Scanner(text).scan()
    # The scanner knows every fault that json.loads knows; what is left is a bound on all values.
    reason = error.reason if isinstance(error, ExcessError) else f"not valid JSON: {error}"
    offset = error.pos if isinstance(error, JSONDecodeError) else 0
    raise DocumentError(reason, Lines(text).at(offset)) from error
