"""Path patterns as .gitignore knows them, without negation.

`*` and `?` stop at a slash, `**` does not; a pattern without a slash (but at its end) is a name at
any depth; a pattern that matches a folder matches all that is in it; a backslash takes the next
character as it stands.
Matching is in time of pattern times path, whatever a stranger's pattern looks like: no regular
expression is made of it that could try its stars in every way.
Source: git-scm.com/docs/gitignore, "Pattern format".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_TOKEN = re.compile(r"\*+|\?|\[!?\]?[^\]]*\]|\\?.", re.DOTALL)


def matches(path: str, pattern: str) -> bool:
    """Whether a relative path with forward slashes is what the pattern stands for."""
    return _compiled(pattern).matches(path, inside=True)


def matches_exactly(path: str, pattern: str) -> bool:
    """Whether the pattern stands for the path itself, and not for a folder above it alone."""
    return _compiled(pattern).matches(path, inside=False)


def any_matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns stands for the path."""
    return any(matches(path, pattern) for pattern in patterns)


class _Glob(NamedTuple):
    """A pattern cut at its slashes."""

    parts: tuple[Callable[[str], bool] | None, ...]
    """A test for one part of a path; None for `**`, which stands for any number of parts."""

    def matches(self, path: str, *, inside: bool) -> bool:
        """Whether the pattern stands for the path, or (with `inside`) for a folder above it."""
        last = len(self.parts)
        reached = self._pass_stars({0})
        for part in path.split("/"):
            following: set[int] = set()
            for at in reached:
                test = self.parts[at] if at < last else _nothing
                if test is None:
                    following |= {at, last} if at == last - 1 else {at}
                elif test(part):
                    following.add(at + 1)
            reached = self._pass_stars(following)
            if inside and last in reached:
                return True
        return last in reached

    def _pass_stars(self, reached: set[int]) -> set[int]:
        """The places reached, and those behind a `**` that stands for nothing: not at the end,
        where it stands for what is in a folder.
        """
        for at in range(len(self.parts) - 1):
            if at in reached and self.parts[at] is None:
                reached.add(at + 1)
        return reached


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> _Glob:
    text = pattern.removeprefix("./").rstrip("/")
    parts = text.lstrip("/").split("/")
    tests = [None if part == "**" else _part_test(part) for part in parts]
    return _Glob(tuple(tests if "/" in text else [None, *tests]))


def _part_test(part: str) -> Callable[[str], bool]:
    """A test for one part of a path."""
    tokens = _TOKEN.findall(part)
    if not any(token[0] in "*?[\\" for token in tokens):
        return part.__eq__
    tests = [None if token[0] == "*" else _character_test(token) for token in tokens]
    return lambda name: _matches_part(tests, name)


def _matches_part(tests: list[Callable[[str], bool] | None], name: str) -> bool:
    """Two pointers: where a character does not fit, the last star takes one more."""
    at = here = 0
    star, held = -1, 0
    while here < len(name):
        test = tests[at] if at < len(tests) else _nothing
        if test is None:
            star, held, at = at, here, at + 1
        elif test(name[here]):
            at, here = at + 1, here + 1
        elif star < 0:
            return False
        else:
            held += 1
            at, here = star + 1, held
    return all(test is None for test in tests[at:])


def _nothing(_: str) -> bool:
    return False


def _anything(_: str) -> bool:
    return True


def _character_test(token: str) -> Callable[[str], bool]:
    if token == "?":
        return _anything
    if token[0] == "[" and len(token) > 1:
        inside = token[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        inside = "^" + inside[1:] if inside.startswith("!") else inside
        try:
            found = re.compile(f"[{inside}]")
        except re.error:  # `[z-a]`
            return _nothing
        return lambda character: found.match(character) is not None
    return token[-1].__eq__
