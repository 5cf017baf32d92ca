"""Regular expressions without backtracking: all end positions at once, in polynomial time.

Used only where `re` could take long on a name, and within the file's allowance of steps. Works on
the parse tree of Python's own parser, so the pattern means the same.
"""

from __future__ import annotations

import math
import warnings
from functools import lru_cache

from loracheck.type_checking import TYPE_CHECKING

from .match_limits import allowance

if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from typing import Any

try:  # Python 3.11 moved both
    from re import _compiler as compiler  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:
    import sre_compile as compiler
    import sre_parse as parser

_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_LARGE = 16
"""A counted repeat up to this many times counts as bounded."""
_CUTS = 20
"""What an unbounded repeat multiplies the ways by. A name has some hundred characters, and k
repeats in a row can cut it at 100**k / k! places, 45**k for four; most are followed by a letter.
"""


@lru_cache(maxsize=4096)
def count_ways(pattern: str) -> float:
    """In how many ways backtracking may try the pattern on a name, estimated from above; infinite
    where the number grows exponentially with the name. The pattern must compile.
    """
    return _count_ways_in_row(_parse(pattern))


@lru_cache(maxsize=8)
def _parse(pattern: str) -> Any:
    """Python's tree of the pattern, without its warnings: they are not for who runs loracheck."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parser.parse(pattern)


def _count_ways_in_row(items: Any) -> float:
    """The product over what stands in a row."""
    total = 1.0
    for op, value in items:
        name = str(op)
        if name in _REPEATS:
            total *= _count_ways_of_repeat(*value)
        elif name == "BRANCH":
            total *= _count_ways_of_branches(value[1])
        else:
            for body in _list_bodies(name, value):
                total *= _count_ways_in_row(body)
    return total


def _count_ways_of_repeat(low: Any, high: Any, body: Any) -> float:
    """How often times what is repeated."""
    inner, most = _count_ways_in_row(body), int(high)
    if inner > 1 and most > _LARGE:
        return math.inf
    each: float = min(inner, 1e18) ** (most if inner > 1 else 1)
    return each * min(most - int(low) + 1, _CUTS)


def _count_ways_of_branches(branches: Any) -> float:
    """Branches that begin with different letters exclude each other, so that the worst letter
    counts; the others can all be tried.
    """
    anyhow, by_letter = 0.0, dict[str, float]()
    for branch in branches:
        letter, count = _find_first_letter(branch), _count_ways_in_row(branch)
        if letter is None:
            anyhow += count
        else:
            by_letter[letter] = by_letter.get(letter, 0) + count
    return anyhow + max(by_letter.values(), default=0)


def _find_first_letter(items: Any) -> str | None:
    """The letter that a match must begin with, in lower case, as a flag may let both in; None where
    there may be several (letters beyond ASCII have odd cases).
    """
    for op, value in items:
        if str(op) == "LITERAL" and value < 128:
            return chr(value).lower()
        return _find_first_letter(value[3]) if str(op) == "SUBPATTERN" else None
    return None


def _list_bodies(name: str, value: Any) -> list[Any]:
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


def build_matcher(pattern: str, *, whole: bool = False) -> Callable[[str], bool] | None:
    """`re.match(pattern, name) is not None` (`re.fullmatch` with `whole`) in polynomial time; None
    for what it does not know: back-references, conditions, atomic groups.

    The function raises OverspentError when the file's steps are spent.
    """
    tree = _parse(pattern)
    if not _is_supported(tree):
        return None
    flags = tree.state.flags
    if whole:
        return lambda name: len(name) in _find_ends(tree, name, frozenset({0}), flags)
    return lambda name: bool(_find_ends(tree, name, frozenset({0}), flags))


_SIMPLE = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"})
_GROUPS = frozenset({"BRANCH", "SUBPATTERN", "ASSERT", "ASSERT_NOT"})


def _is_supported(items: Any) -> bool:
    for op, value in items:
        name = str(op)
        if name in _SIMPLE:
            continue
        if name in _REPEATS[:2]:
            bodies = [value[2]]
        elif name in _GROUPS:
            bodies = _list_bodies(name, value)
        else:
            return False
        if not all(map(_is_supported, bodies)):
            return False
    return True


Places = frozenset[int]


def _find_ends(items: Any, text: str, starts: Places, flags: int) -> Places:
    """Every place where a match that begins at one of `starts` can end."""
    for op, value in items:
        if not starts:
            return starts
        allowance.spend_steps(1 + len(starts))
        starts = _match_item(op, value, text, starts, flags)
    return starts


def _match_item(op: Any, value: Any, text: str, starts: Places, flags: int) -> Places:
    name = str(op)
    if name in _REPEATS:
        return _match_repeat(value, text, starts, flags)
    if name == "BRANCH":
        return frozenset().union(*(_find_ends(body, text, starts, flags) for body in value[1]))
    if name == "SUBPATTERN":
        _, more, fewer, body = value
        return _find_ends(body, text, starts, (flags | more) & ~fewer)
    if name in ("ASSERT", "ASSERT_NOT"):
        expected = name == "ASSERT"
        return frozenset(p for p in starts if _is_assertion_met(value, text, p, flags) == expected)
    one = _compile_atom(op, value, flags)
    if name == "AT":
        return frozenset(p for p in starts if one.match(text, p) is not None)
    return frozenset(p + 1 for p in starts if p < len(text) and one.match(text, p) is not None)


def _is_assertion_met(assertion: Any, text: str, place: int, flags: int) -> bool:
    """Whether what an assertion looks for stands after the place, or before it (where Python takes
    bodies of one width alone).
    """
    direction, body = assertion
    if direction > 0:
        return bool(_find_ends(body, text, frozenset({place}), flags))
    begin = place - int(body.getwidth()[0])
    return begin >= 0 and place in _find_ends(body, text, frozenset({begin}), flags)


def _match_repeat(value: Any, text: str, starts: Places, flags: int) -> Places:
    low, high, body = value
    current = starts
    for _ in range(int(low)):
        before, current = current, _find_ends(body, text, current, flags)
        if current == before:  # and so for ever: nothing more is reached, or nothing at all
            break
    ends = current
    turns = len(text) + 1 if high == parser.MAXREPEAT else int(high) - int(low)
    for _ in range(min(turns, len(text) + 1)):
        current = _find_ends(body, text, current, flags) - ends
        if not current:
            break
        ends = ends | current
    return ends


_atoms: dict[str, re.Pattern[str]] = {}


def _compile_atom(op: Any, value: Any, flags: int) -> re.Pattern[str]:
    """One parse-tree leaf as a compiled pattern, made by Python's own compiler."""
    key = f"{op} {value!r} {flags}"
    pattern = _atoms.get(key)
    if pattern is None:
        state = parser.State()
        state.str, state.flags = "", flags
        leaf = parser.SubPattern(state, [(op, value)])
        pattern = _atoms[key] = compiler.compile(leaf)
    return pattern
