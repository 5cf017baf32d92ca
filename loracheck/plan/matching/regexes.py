"""User-written regular expressions, matched as PEFT matches them, but never for ever.

Plain names, by far the most common, are compared without compiling anything. `re` matches what it
is sure to match soon, by the pattern and the length of the name, as long as the file's allowance of
time lasts; then `linear_regex`, which does not backtrack; what that does not know, or where its
steps are spent, a process that is stopped when its time is over. Then the pattern is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache

from loracheck.documents.regexes import COMPILE_ERRORS, LONGEST, compile_regex
from loracheck.lazy_pattern import compile_when_used
from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    NameTest = Callable[[str], bool]

_PLAIN = compile_when_used(r"[\w-]+\Z", re.ASCII)
_DOTTED = compile_when_used(r"[\w.-]+\Z", re.ASCII)
_RISK = compile_when_used(r"[*+?}|]")


def is_plain(pattern: str) -> bool:
    """Whether the pattern is a name without any special character, not even a dot."""
    return _PLAIN.match(pattern) is not None


@lru_cache(maxsize=4096)
def _compile(pattern: str) -> re.Pattern[str]:
    """`re` keeps 512 expressions, and a file may have thousands, asked for by several plans."""
    return compile_regex(pattern)


def compile_pattern(pattern: str, field: str, *, whole: bool = False) -> NameTest:
    """`re.match(pattern, name) is not None` as a function; `re.fullmatch` with `whole`.

    Raises RefusedError for a pattern that does not compile or is too long; so does the function,
    for one that cannot be matched in the time that a file may take.
    """
    if len(pattern) > LONGEST:
        text = f"the pattern has more than {LONGEST:,} characters, so it was not compiled"
        raise RefusedError("long-regex", "", text, field)
    try:
        compiled = _compile(pattern)
    except COMPILE_ERRORS as error:
        name = "error" if isinstance(error, re.error) else type(error).__name__
        raise RefusedError("invalid-regex", name, str(error), field) from None
    run = compiled.fullmatch if whole else compiled.match
    if len(_RISK.findall(pattern)) > 1:
        from .guarded_regex import guard

        return guard(run, pattern, field, whole=whole)
    return lambda name: run(name) is not None


def find_group(pattern: str, field: str, name: str) -> int | None:
    """Where the last group of `re.match(pattern, name)` begins; None without a match.

    Raises RefusedError for a pattern that does not compile, or cannot be matched safely.
    """
    matches = compile_pattern(pattern, field)
    if len(_RISK.findall(pattern)) > 1:
        from .guarded_regex import find_last_group

        return find_last_group(pattern, field, name) if matches(name) else None
    match = _compile(pattern).match(name)
    return None if match is None else match.start(match.re.groups)


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
    if _DOTTED.match(key) is None:
        return compile_pattern(rf"(.*\.)?({key})$", field)
    return _DottedKey(key).match


class _DottedKey:
    """A key of letters, dots and dashes as an expression, in which a dot stands for any character;
    no name has a line break. Compared without `re`, as a file may have thousands of them.
    """

    def __init__(self, key: str) -> None:
        self._length = len(key)
        self._parts = [(m.start(), m[0]) for m in re.finditer(r"[^.]+", key)][::-1]

    def match(self, name: str) -> bool:
        start = len(name) - self._length
        if start < 0 or (start and name[start - 1] != "."):
            return False
        return all(name.startswith(part, start + at) for at, part in self._parts)
