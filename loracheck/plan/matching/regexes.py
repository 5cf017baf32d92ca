"""User-written regular expressions, matched as PEFT matches them, but never for ever.

Plain names, by far the most common, are compared without compiling anything. A pattern that could
take exponential time (quantifiers nested, or many in a row) is matched by `safe`, which cannot;
what `safe` does not know is refused.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from loracheck.plan.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    NameTest = Callable[[str], bool]

_PLAIN = re.compile(r"[\w-]+\Z", re.ASCII)
_RISK = re.compile(r"[*+?}|]")
MAX_WAYS = 1_000_000
"""Patterns that backtracking may try in more ways than this go to the safe matcher: some hundredths
of a second a name, and a tree has hundreds. Five unbounded quantifiers in a row are more.
"""


def is_plain(pattern: str) -> bool:
    """Whether the pattern is a name without any special character, not even a dot."""
    return _PLAIN.match(pattern) is not None


def compile_pattern(pattern: str, field: str, *, whole: bool = False) -> NameTest:
    """`re.match(pattern, name) is not None` as a function; `re.fullmatch` with `whole`.

    Raises RefusedError for a pattern that does not compile, or cannot be matched safely.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        name = "error" if isinstance(error, re.error) else type(error).__name__
        raise RefusedError("invalid-regex", name, str(error), field) from None
    if len(_RISK.findall(pattern)) > 1:
        from .linear_regex import build_matcher, count_ways

        if count_ways(pattern) > MAX_WAYS:
            return build_matcher(pattern, field, whole=whole)
    run = found.fullmatch if whole else found.match
    return lambda name: run(name) is not None


def match_pattern(pattern: str, field: str, name: str) -> re.Match[str] | None:
    """`re.match(pattern, name)` where the groups are needed.

    Raises RefusedError for a pattern that does not compile, or cannot be matched safely.
    """
    compile_pattern(pattern, field)
    if len(_RISK.findall(pattern)) > 1:
        from .linear_regex import count_ways, make_unsafe_error

        if count_ways(pattern) > MAX_WAYS:
            raise make_unsafe_error(field)
    return re.match(pattern, name)


def compile_whole_part(entry: str, field: str) -> NameTest:
    r"""`re.match(rf"(^|.*\.){entry}($|\..*)", name)`: modules_to_save as an exclusion."""
    if is_plain(entry):
        dotted = f".{entry}."
        return lambda name: dotted in f".{name}."
    return compile_pattern(rf"(^|.*\.){entry}($|\..*)", field)


def compile_after_dot(key: str, field: str) -> NameTest:
    r"""`re.match(rf".*\.{key}$", name)`: rank_pattern and alpha_pattern before PEFT 0.15."""
    if is_plain(key):
        dotted = f".{key}"
        return lambda name: name.endswith(dotted)
    return compile_pattern(rf".*\.{key}$", field)


def compile_last_part(key: str, field: str) -> NameTest:
    r"""`re.match(rf"(.*\.)?({key})$", name)`: rank_pattern and alpha_pattern."""
    if is_plain(key):
        dotted = f".{key}"
        return lambda name: name == key or name.endswith(dotted)
    if key.startswith(r".*\.") and is_plain(key[4:]):
        dotted = f".{key[4:]}"
        return lambda name: name.endswith(dotted)
    return compile_pattern(rf"(.*\.)?({key})$", field)
