"""Path patterns of .gitignore's syntax, without negation.

`*` and `?` stop at a slash, `**` does not; a pattern without a slash (but at its end) is a name at
any depth; a pattern that matches a folder matches all that is in it; a backslash takes the next
character as it stands.
Matching is in time of pattern times path, whatever a stranger's pattern looks like: what stands
between two stars is looked for from left to right, and never tried in every way.
Source: git-scm.com/docs/gitignore, "Pattern format"; a test asks git itself.
"""

from __future__ import annotations

import re
from functools import lru_cache

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .glob_parts import PatternError, parse_parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .glob_parts import Part


def matches(path: str, pattern: str) -> bool:
    """Whether a relative path with forward slashes is what the pattern stands for."""
    return _compile(pattern.removeprefix("./").rstrip("/")).matches(path, inside=True)


def matches_exactly(path: str, pattern: str) -> bool:
    """Whether the pattern stands for the path itself, and not for a folder above it alone; by
    bytes, as git has it.
    """
    text, name = _map_bytes_to_characters(pattern.removesuffix("/")), _map_bytes_to_characters(path)
    odd = _STARS_BEHIND_TEXT.match(text) if "/" in text else None
    if odd is not None:
        if not name.startswith(odd[1]):
            return False
        text, name = f"/{odd[2]}", name[len(odd[1]) :]
    return _compile(text).matches(name, inside=False)


_STARS_BEHIND_TEXT = compile_when_used(
    r"/?([^*?\[\\]*[^/*?\[\\])(\*\*+(?:/.*|\\/.*)?)\Z", re.DOTALL
)
"""`ab**/c`: git compares the text before the first wildcard by itself, and then takes `**` for one
that stands between slashes (2.39, dir.c, `match_pathname`).
"""


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns stands for the path."""
    return any(matches(path, pattern) for pattern in patterns)


def _map_bytes_to_characters(text: str) -> str:
    """The text with a character for each byte of its UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


class _Glob(NamedTuple):
    """A pattern cut at its slashes."""

    parts: tuple[Part | None, ...]
    """A test for one part of a path; None for `**`, which stands for any number of parts."""

    def matches(self, path: str, *, inside: bool) -> bool:
        """Whether the pattern stands for the path, or (with `inside`) for a folder above it."""
        last = len(self.parts)
        reached = self._pass_stars({0})
        for name in path.split("/"):
            following: set[int] = set()
            for at in reached:
                if at == last:
                    continue
                part = self.parts[at]
                if part is None:
                    following |= {at, last} if at == last - 1 else {at}
                elif part.matches(name):
                    following.add(at + 1)
            reached = self._pass_stars(following)
            if not reached:
                return False
            if inside and last in reached:
                return True
        return last in reached

    def _pass_stars(self, reached: set[int]) -> set[int]:
        """The places reached, and those behind a `**` that stands for nothing: not at the end,
        where it stands for what is in a folder.
        """
        for at in sorted(reached):
            while at < len(self.parts) - 1 and self.parts[at] is None:
                at += 1
                reached.add(at)
        return reached


_NOTHING = _Glob(())
"""A pattern that stands for no path."""


@lru_cache(maxsize=4096)
def _compile(text: str) -> _Glob:
    try:
        parts = parse_parts(text.removeprefix("/"), stars_pass_slashes="/" in text)
    except PatternError:
        return _NOTHING
    return _Glob(tuple(parts if "/" in text else [None, *parts]))
