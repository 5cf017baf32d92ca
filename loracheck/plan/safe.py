"""Regular expressions without backtracking: all end positions at once, in polynomial time.

Used only where `re` could take exponential time on a name. Works on the parse tree of Python's own
parser, so the pattern means the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

try:  # Python 3.11 moved both
    from re import _compiler as compiler  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:
    import sre_compile as compiler
    import sre_parse as parser

_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_LARGE = 16
"""A counted repeat up to this many times counts as bounded."""


@lru_cache(maxsize=256)
def risky(pattern: str, limit: int) -> bool:
    """Whether matching the pattern by backtracking could take more than polynomial time, or a
    polynomial of more than `limit`-th degree.
    """
    degree = _degree(parser.parse(pattern), False)
    return degree is None or degree > limit


def _degree(items: Any, repeated: bool) -> int | None:
    """Number of unbounded repeats in a row; None for one inside another."""
    total = 0
    for op, value in items:
        name = str(op)
        if name in _REPEATS:
            low, high, body = value
            many = high == parser.MAXREPEAT or int(high) > _LARGE
            if repeated and (many or low != high):
                return None
            inner = _degree(body, repeated or many)
            inner = None if inner is None else inner + int(many)
        else:
            if repeated and name == "BRANCH":
                return None
            parts = [_degree(body, repeated) for body in _bodies(name, value)]
            inner = None if None in parts else sum(part or 0 for part in parts)
        if inner is None:
            return None
        total += inner
    return total


def _bodies(name: str, value: Any) -> list[Any]:
    if name == "BRANCH":
        return list(value[1])
    if name == "SUBPATTERN":
        return [value[3]]
    if name == "ATOMIC_GROUP":
        return [value]
    if name in ("ASSERT", "ASSERT_NOT"):
        return [value[1]]
    if name == "GROUPREF_EXISTS":
        return [body for body in value[1:] if body is not None]
    return []


def matcher(pattern: str, field: str, *, whole: bool = False) -> Callable[[str], bool]:
    """`re.match(pattern, name) is not None` (`re.fullmatch` with `whole`) in polynomial time.

    Raises RefusedError for what it does not know: back-references, look-behind, flags.
    """
    tree = parser.parse(pattern)
    if tree.state.flags & ~re.UNICODE.value or not _known(tree):
        raise unsafe(field)
    if whole:
        return lambda name: len(name) in _ends(tree, name, frozenset({0}))
    return lambda name: bool(_ends(tree, name, frozenset({0})))


def unsafe(field: str) -> RefusedError:
    """The refusal of a pattern that was not tried."""
    text = "the pattern can take exponential time to match, so it was not tried"
    return RefusedError("unsafe-regex", "", text, field)


_SIMPLE = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"})


def _known(items: Any) -> bool:
    for op, value in items:
        name = str(op)
        if name in _SIMPLE:
            continue
        if name in _REPEATS[:2]:
            bodies = [value[2]]
        elif name in ("BRANCH", "SUBPATTERN"):
            bodies = _bodies(name, value)
            if name == "SUBPATTERN" and (value[1] or value[2]):
                return False
        elif name in ("ASSERT", "ASSERT_NOT") and value[0] > 0:
            bodies = [value[1]]
        else:
            return False
        if not all(map(_known, bodies)):
            return False
    return True


Places = frozenset[int]


def _ends(items: Sequence[Any], text: str, starts: Places) -> Places:
    """Every place where a match that begins at one of `starts` can end."""
    for op, value in items:
        if not starts:
            return starts
        starts = _step(str(op), op, value, text, starts)
    return starts


def _step(name: str, op: Any, value: Any, text: str, starts: Places) -> Places:
    if name in _REPEATS:
        return _repeat(value, text, starts)
    if name == "BRANCH":
        return frozenset().union(*(_ends(body, text, starts) for body in value[1]))
    if name == "SUBPATTERN":
        return _ends(value[3], text, starts)
    if name in ("ASSERT", "ASSERT_NOT"):
        wanted = name == "ASSERT"
        ahead = value[1]
        return frozenset(p for p in starts if bool(_ends(ahead, text, frozenset({p}))) == wanted)
    one = _atom(op, value)
    if name == "AT":
        return frozenset(p for p in starts if one.match(text, p) is not None)
    return frozenset(p + 1 for p in starts if p < len(text) and one.match(text, p) is not None)


def _repeat(value: Any, text: str, starts: Places) -> Places:
    low, high, body = value
    current = starts
    for _ in range(int(low)):
        current = _ends(body, text, current)
    found = current
    turns = len(text) + 1 if high == parser.MAXREPEAT else int(high) - int(low)
    for _ in range(min(turns, len(text) + 1)):
        current = _ends(body, text, current) - found
        if not current:
            break
        found = found | current
    return found


_atoms: dict[str, re.Pattern[str]] = {}


def _atom(op: Any, value: Any) -> re.Pattern[str]:
    """One parse-tree leaf as a compiled pattern, made by Python's own compiler."""
    key = f"{op} {value!r}"
    found = _atoms.get(key)
    if found is None:
        state = parser.State()
        state.str, state.flags = "", re.UNICODE.value
        leaf = parser.SubPattern(state, [(op, value)])
        found = _atoms[key] = compiler.compile(leaf)
    return found
