"""One part of a path pattern, between two slashes: characters, `?`, `[a-z]`, and stars.

Source: git 2.39, wildmatch.c, `dowild`.
"""

from __future__ import annotations

import re

from loracheck.named_tuple import NamedTuple

_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": " \\t", "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~",
    "punct": "!-/:-@\\[-`{-~", "space": " \\t-\\r", "upper": "A-Z", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
"""The classes of characters by name, as ranges of a regular expression."""


class PatternError(ValueError):
    """The pattern is broken off, and stands for no path at all."""


class Segment(NamedTuple):
    """What stands between two stars. Nothing in it is repeated."""

    length: int
    """Characters of a name that it takes."""

    literal: str | None
    """The characters, where it has no wildcard."""

    pattern: re.Pattern[str] | None
    """What it is otherwise."""

    def find(self, name: str, start: int, end: int) -> int:
        """Where it stands first in that part of a name; -1 where it does not."""
        if self.pattern is None:
            return name.find(self.literal or "", start, end)
        match = self.pattern.search(name, start, end)
        return -1 if match is None else match.start()


class Part(NamedTuple):
    """A test for one part of a path."""

    segments: tuple[Segment, ...]
    """What stands before, between and behind the stars."""

    def matches(self, name: str) -> bool:
        """Whether the part stands for the whole name."""
        first, *others = self.segments
        if not others:
            return len(name) == first.length and first.find(name, 0, len(name)) == 0
        *middle, last = others
        at, end = first.length, len(name) - last.length
        if at > end or first.find(name, 0, at) < 0 or last.find(name, end, len(name)) < 0:
            return False
        for segment in middle:
            position = segment.find(name, at, end)
            if position < 0:
                return False
            at = position + segment.length
        return True


def parse_parts(text: str, *, stars_pass_slashes: bool) -> list[Part | None]:
    """The parts of a pattern; None for `**`, which counts as `*` where no slash stands anywhere.
    Raises PatternError.
    """
    parts: list[Part | None] = []
    tokens: list[str] = []
    at = 0
    while at < len(text):
        token, at = _read_token(text, at)
        if token == "/":
            parts.append(_build_part(tokens, stars_pass_slashes=stars_pass_slashes))
            tokens = []
        else:
            tokens.append(token)
    parts.append(_build_part(tokens, stars_pass_slashes=stars_pass_slashes))
    return parts


_ANY = "(?s:.)"
_NONE = "(?!)"


def _read_token(text: str, at: int) -> tuple[str, int]:
    """The next token, and where it ends: `/`, `*`, `**`, or a regular expression of one character.
    Backslash and slash are a slash.
    """
    character = text[at]
    if character == "*":
        end = at + 1
        while text[end : end + 1] == "*":
            end += 1
        return ("*" if end == at + 1 else "**"), end
    if character == "?":
        return _ANY, at + 1
    if character == "[":
        return _read_bracket(text, at + 1)
    if character == "\\":
        character = _get_character(text, at + 1)
        at += 1
    return (character if character == "/" else re.escape(character)), at + 1


def _build_part(tokens: list[str], *, stars_pass_slashes: bool) -> Part | None:
    if tokens == ["**"] and stars_pass_slashes:
        return None
    segments: list[list[str]] = [[]]
    for token in tokens:
        if token in ("*", "**"):
            segments.append([])
        else:
            segments[-1].append(token)
    return Part(tuple(map(_build_segment, segments)))


def _build_segment(tokens: list[str]) -> Segment:
    if all(len(token) == 1 or token[0] == "\\" for token in tokens):
        return Segment(len(tokens), "".join(token[-1] for token in tokens), None)
    return Segment(len(tokens), None, re.compile("".join(tokens)))


def _get_character(text: str, at: int) -> str:
    """The character there. Raises PatternError behind the end."""
    if at >= len(text):
        raise PatternError(text)
    return text[at]


def _read_bracket(text: str, at: int) -> tuple[str, int]:
    """A set of characters as a regular expression, and where it ends. `at` is behind the bracket.

    Raises PatternError where it is broken off, or names a class that there is none of.
    """
    is_negated = _get_character(text, at) in "!^"
    at += is_negated
    start, before = at, ""
    ranges: list[str] = []
    while (character := _get_character(text, at)) != "]" or at == start:
        if character == "-" and before and _get_character(text, at + 1) != "]":
            at += 1 + (text[at + 1] == "\\")
            last = _get_character(text, at)
            if before <= last:
                ranges.append(f"{re.escape(before)}-{re.escape(last)}")
            before = ""
        elif (name := _parse_class_name(text, at)) is not None:
            if name not in _CLASSES:
                raise PatternError(text)
            ranges.append(_CLASSES[name])
            at, before = at + len(name) + 3, ""
        else:
            at += character == "\\"
            before = _get_character(text, at)
            ranges.append(re.escape(before))
        at += 1
    inside = "".join(ranges)
    if not inside:
        return (_ANY if is_negated else _NONE), at + 1
    return f"[{'^' if is_negated else ''}{inside}]", at + 1


def _parse_class_name(text: str, at: int) -> str | None:
    """The name in `[:name:]`; None where no such thing stands there. Raises PatternError where a
    class is begun and nothing closes the bracket.
    """
    if not text.startswith("[:", at):
        return None
    end = text.find("]", at + 2)
    if end < 0:
        raise PatternError(text)
    return text[at + 2 : end - 1] if end > at + 2 and text[end - 1] == ":" else None
