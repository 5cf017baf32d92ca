"""Path patterns as .gitignore knows them, without negation.

`*` and `?` stop at a slash, `**` does not; a pattern without a slash (but at its end) is a name at
any depth; a pattern that matches a folder matches all that is in it.
Source: git-scm.com/docs/gitignore, "Pattern format".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOKEN = re.compile(r"/\*\*/|^\*\*/|/\*\*$|\*+|\?|\[!?\]?[^\]/]*\]|.", re.DOTALL)


def matches(path: str, pattern: str) -> bool:
    """Whether a relative path with forward slashes is what the pattern stands for."""
    return _compiled(pattern).match(path) is not None


def matches_exactly(path: str, pattern: str) -> bool:
    """Whether the pattern stands for the path itself, and not for a folder above it alone."""
    return _compiled(pattern, inside=False).match(path) is not None


def any_matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns stands for the path."""
    return any(matches(path, pattern) for pattern in patterns)


@lru_cache(maxsize=256)
def _compiled(pattern: str, *, inside: bool = True) -> re.Pattern[str]:
    text = pattern.removeprefix("./").rstrip("/")
    anchored = "/" in text
    body = "".join(_regex(token) for token in _TOKEN.findall(text.lstrip("/")))
    lead = "" if anchored else "(?:.*/)?"
    tail = "(?:/.*)?" if inside else ""
    return re.compile(f"{lead}{body}{tail}\\Z", re.DOTALL)


def _regex(token: str) -> str:
    fixed = {"/**/": "/(?:.*/)?", "**/": "(?:.*/)?", "/**": "/.*", "?": "[^/]"}
    if token in fixed:
        return fixed[token]
    if token.startswith("*"):
        return "[^/]*"
    if len(token) > 1:
        inside = token[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        inside = "^" + inside[1:] if inside.startswith("!") else inside
        return f"(?!/)[{inside}]" if _is_set(inside) else re.escape(token)
    return re.escape(token)


def _is_set(inside: str) -> bool:
    try:
        re.compile(f"[{inside}]")
    except re.error:  # `[z-a]`: taken letter by letter
        return False
    return True
