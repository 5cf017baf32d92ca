"""The commands of a script with their words filled in, in its order. Nothing is run.

A variable is known where the script gives it its value outside of conditions, loops and functions,
or the same value everywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .tokens import Array, commands
from .word_expansion import MARK, MOST, MOST_WORDS, Piece, entry, literal, size, uncut, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tokens import Command, HereDocument, Region
    from .word_expansion import Field, Variables, Word

    Given = tuple[str, str, Region | Array | None]

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=")
_DECLARING = frozenset({"export", "declare", "local", "readonly", "typeset"})
_SETTING = frozenset({"read", "for", "select", "unset", "getopts", "mapfile", "readarray"})
_NAME = re.compile(r"[A-Za-z_]\w*")


class Line(NamedTuple):
    """A command: its words, the files its output goes to, its here-documents, and the values that
    variables have when it runs.
    """

    words: list[Word]
    files: list[Word]
    given: list[HereDocument]
    variables: Variables


def run(text: str, outer: Variables | None = None) -> Iterator[Line]:
    """Every command that is more than an assignment; `outer` are variables of an outer script."""
    script = list(commands(text))
    loose = _loose(text, script)
    variables: Variables = {**(outer or {}), **dict.fromkeys(loose)}
    for command in script:
        given = _assignments(text, command)
        if len(given) == len(command.words):
            for name, more, value in given:
                if name not in loose:
                    _assign(text, variables, name, more, value)
            continue
        line = _line(text, command, len(given), variables)
        _read(text, command, line, variables, loose)
        yield line


def _line(text: str, command: Command, skipped: int, variables: Variables) -> Line:
    made: list[Word] = []
    for region in command.words[skipped:]:
        if not isinstance(region, Array):
            made += words(text, *region, variables)
    files = [word for region in command.files for word in words(text, *region, variables)]
    return Line(made, files, command.given, variables)


def _assignments(text: str, command: Command) -> list[Given]:
    """(name, "+" or "", region of the value or array) for the assignments that a command begins
    with; all of it where it declares.
    """
    found: list[Given] = []
    rest = command.words
    first = rest[0] if rest else None
    if first is not None and not isinstance(first, Array):
        declares = text[first[0] : first[1]] in _DECLARING
        if declares:
            found.append(("", "", None))
            rest = rest[1:]
    for word in rest:
        start, end = word.head if isinstance(word, Array) else word
        match = _ASSIGNMENT.match(text, start, end)
        if match is None:
            if found and found[0][0] == "":  # `declare -x`, `export NAME`
                found.append(("", "", None))
                continue
            break
        value = word if isinstance(word, Array) else (match.end(), end)
        found.append((match[1], match[2], value))
    return found


def _assign(
    text: str, variables: Variables, name: str, more: str, value: Region | Array | None
) -> None:
    if not name or value is None:
        return
    old = variables.get(name, [])
    if isinstance(value, Array):
        new = [one for region in value.words for one in entry(text, *region, variables)]
        # An entry may be unknown; how many there are may not.
        known = not any(p.many and p.text == MARK for one in new for p in one)
        new = [*(old or []), *new] if more else new
    else:
        first = old[0] if more and old else ()
        new = [(*first, *uncut(text, *value, variables)), *(old or [])[1:]]
        known = all(MARK not in p.text for p in new[0])
    known = known and not (more and old is None)
    variables[name] = new if known and len(new) <= MOST_WORDS and size(new) < MOST else None


def _loose(text: str, script: list[Command]) -> set[str]:
    """The variables whose value depends on how the script runs."""
    values: dict[str, set[str]] = {}
    loose: set[str] = set()
    unsure: set[str] = set()
    for command in script:
        given = _assignments(text, command)
        for name, more, value in given if len(given) == len(command.words) else ():
            raw = _raw(text, value)
            values.setdefault(name, set()).add(raw)
            if not command.sure:
                unsure.add(name)
                if more:
                    loose.add(name)
        loose |= _set_otherwise(text, command)
    return {name for name in unsure if len(values[name]) > 1} | loose


def _raw(text: str, value: Region | Array | None) -> str:
    if isinstance(value, Array):
        return " ".join(text[start:end] for start, end in value.words)
    return text[value[0] : value[1]] if value is not None else ""


def _set_otherwise(text: str, command: Command) -> set[str]:
    """Names that `read`, `for` and their like give a value."""
    raw = [text[w[0] : w[1]] for w in command.words if not isinstance(w, Array)]
    index = next((i for i, word in enumerate(raw[:4]) if word in _SETTING), None)
    if index is None or (raw[index] == "read" and command.given):
        return set()
    last = index + 2 if raw[index] in ("for", "select") else len(raw)
    return {word for word in raw[index + 1 : last] if _NAME.fullmatch(word)}


def _read(text: str, command: Command, line: Line, variables: Variables, loose: set[str]) -> None:
    """`read -r -d '' NAME <<EOF` gives NAME the text of the here-document."""
    if not command.given or not line.words or line.words[0].text != "read":
        return
    name, body = line.words[-1].text, command.given[-1]
    if _NAME.fullmatch(name) and name not in loose:
        if body.literal:
            pieces: Field = (Piece(text[body.start : body.end], body.start, body.end),)
        else:
            pieces = literal(text, body.start, body.end, variables)
        known = all(MARK not in piece.text for piece in pieces)
        variables[name] = [pieces] if known else None
