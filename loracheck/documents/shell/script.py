"""The commands of a script in order, with variables filled in where their values are known. Nothing
is run.

A variable is known where the script gives it its value outside of conditions, loops and functions,
or the same value everywhere.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .tokens import Array, split_commands
from .word_expansion import (
    MAX_ENTRIES,
    MAX_LETTERS,
    UNKNOWN_MARK,
    Piece,
    count_letters,
    expand_array_entry,
    expand_assigned_value,
    expand_here_document,
    expand_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tokens import CommandTokens, HereDocument, Region
    from .word_expansion import Field, Variables, Word

    Assignment = tuple[str, str, Region | Array | None]
    """Name, "+" for `+=` or "", and where the value or array stands."""

_ASSIGNMENT = compile_when_used(r"([A-Za-z_]\w*)(\+?)=")
_DECLARING = frozenset({"export", "declare", "local", "readonly", "typeset"})
_SETTING = frozenset({"read", "for", "select", "unset", "getopts", "mapfile", "readarray"})
_NAME = compile_when_used(r"[A-Za-z_]\w*")


class ExpandedCommand(NamedTuple):
    """A command with its variables filled in."""

    words: list[Word]
    files: list[Word]
    """The files that its output goes to."""
    here_documents: list[HereDocument]
    variables: Variables
    """The values that variables have when it runs."""
    sure: bool
    """Whether it stands outside of conditions, loops and functions."""


def expand_commands(text: str, outer: Variables | None = None) -> Iterator[ExpandedCommand]:
    """Every command of a script but plain assignments, expanded; `outer` are the variables of an
    outer script.
    """
    script = list(split_commands(text))
    loose = _find_uncertain_variables(text, script)
    variables: Variables = {**(outer or {}), **dict.fromkeys(loose)}
    for command in script:
        assignments = _find_assignments(text, command)
        if len(assignments) == len(command.words):
            for name, more, value in assignments:
                if name not in loose:
                    _apply_assignment(text, variables, name, more, value)
            continue
        line = _expand_command(text, command, len(assignments), variables)
        _assign_read(text, command, line, variables, loose)
        yield line


def _expand_command(
    text: str, command: CommandTokens, skipped: int, variables: Variables
) -> ExpandedCommand:
    words: list[Word] = []
    for region in command.words[skipped:]:
        if not isinstance(region, Array):
            words += expand_words(text, *region, variables)
    files = [word for region in command.files for word in expand_words(text, *region, variables)]
    return ExpandedCommand(words, files, command.here_documents, variables, command.sure)


def _find_assignments(text: str, command: CommandTokens) -> list[Assignment]:
    """The assignments that a command begins with (for `export` and `declare`, all of its words):
    name, "+" for `+=` or "", and where the value or array stands.
    """
    assignments: list[Assignment] = []
    rest = command.words
    first = rest[0] if rest else None
    if first is not None and not isinstance(first, Array):
        declares = text[first[0] : first[1]] in _DECLARING
        if declares:
            assignments.append(("", "", None))
            rest = rest[1:]
    for word in rest:
        start, end = word.head if isinstance(word, Array) else word
        match = _ASSIGNMENT.match(text, start, end)
        if match is None:
            if assignments and assignments[0][0] == "":  # `declare -x`, `export NAME`
                assignments.append(("", "", None))
                continue
            break
        value = word if isinstance(word, Array) else (match.end(), end)
        assignments.append((match[1], match[2], value))
    return assignments


def _apply_assignment(
    text: str, variables: Variables, name: str, more: str, value: Region | Array | None
) -> None:
    if not name or value is None:
        return
    old = variables.get(name, [])
    if isinstance(value, Array):
        new = [
            one for region in value.words for one in expand_array_entry(text, *region, variables)
        ]
        # An entry may be unknown; how many there are may not.
        known = not any(p.many and p.text == UNKNOWN_MARK for one in new for p in one)
        new = [*(old or []), *new] if more else new
    else:
        first = old[0] if more and old else ()
        new = [(*first, *expand_assigned_value(text, *value, variables)), *(old or [])[1:]]
        known = all(UNKNOWN_MARK not in p.text for p in new[0])
    known = known and not (more and old is None)
    variables[name] = (
        new if known and len(new) <= MAX_ENTRIES and count_letters(new) < MAX_LETTERS else None
    )


def _find_uncertain_variables(text: str, script: list[CommandTokens]) -> set[str]:
    """The variables whose value depends on how the script runs: on a condition, a loop or a
    `read`.
    """
    values: dict[str, set[str]] = {}
    loose: set[str] = set()
    unsure: set[str] = set()
    for command in script:
        assignments = _find_assignments(text, command)
        for name, more, value in assignments if len(assignments) == len(command.words) else ():
            raw = _get_raw_value(text, value)
            values.setdefault(name, set()).add(raw)
            if not command.sure:
                unsure.add(name)
                if more:
                    loose.add(name)
        loose |= _names_set_by_builtins(text, command)
    return {name for name in unsure if len(values[name]) > 1} | loose


def _get_raw_value(text: str, value: Region | Array | None) -> str:
    if isinstance(value, Array):
        return " ".join(text[start:end] for start, end in value.words)
    return text[value[0] : value[1]] if value is not None else ""


def _names_set_by_builtins(text: str, command: CommandTokens) -> set[str]:
    """Names that a builtin such as `read` or `for` gives a value."""
    raw = [text[w[0] : w[1]] for w in command.words if not isinstance(w, Array)]
    index = next((i for i, word in enumerate(raw[:4]) if word in _SETTING), None)
    if index is None or (raw[index] == "read" and command.here_documents):
        return set()
    last = index + 2 if raw[index] in ("for", "select") else len(raw)
    return {word for word in raw[index + 1 : last] if _NAME.fullmatch(word)}


def _assign_read(
    text: str, command: CommandTokens, line: ExpandedCommand, variables: Variables, loose: set[str]
) -> None:
    """`read -r -d '' NAME <<EOF` gives NAME the text of the here-document."""
    if not command.here_documents or not line.words or line.words[0].text != "read":
        return
    name, body = line.words[-1].text, command.here_documents[-1]
    if _NAME.fullmatch(name) and name not in loose:
        if body.literal:
            pieces: Field = (Piece(text[body.start : body.end], body.start, body.end),)
        else:
            pieces = expand_here_document(text, body.start, body.end, variables)
        known = all(UNKNOWN_MARK not in piece.text for piece in pieces)
        variables[name] = [pieces] if known else None
