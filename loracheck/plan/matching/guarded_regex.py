"""Chooses one of three regex matchers for a pattern, by how long `re` could take with it."""

from __future__ import annotations

from functools import cached_property
from math import inf, log

from loracheck.documents.dependencies import note_chance
from loracheck.documents.regexes import compile_regex
from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

from .linear_regex import build_matcher, count_ways
from .match_limits import OverspentError, allowance

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAX_WAYS = 1_000_000
"""Patterns that backtracking may try in more ways than this are not for `re`: some hundredths of a
second a name, and a tree has hundreds. Five unbounded quantifiers in a row are more.
"""
QUICK_WAYS = 20
"""Up to these the time is not counted: one unbounded quantifier."""
FEW_WAYS, SHORT = 400, 128
"""Two unbounded quantifiers on a name of this length take `re` less than a ten-thousandth of a
second.
"""
LONG = 50_000
"""Characters of a pattern from which on `re` and the worker are left alone with it."""
_MAX_COST = 3e8
"""The same for a name of a length n: n to the number of unbounded quantifiers. Four of them on a
name of 130 characters, longer than any of a model that is known, are less.
"""


def guard(
    run: Callable[[str], Any], pattern: str, field: str, *, whole: bool
) -> Callable[[str], bool]:
    """`run(name) is not None` for a bound function of the compiled pattern (`match`, or `fullmatch`
    with `whole`), whatever the pattern and the name look like.

    The function raises RefusedError when what a file may take is spent.
    """
    ways = _count_ways_or_inf(pattern)
    if ways <= QUICK_WAYS:
        return lambda name: run(name) is not None
    careful = _Careful(pattern, field, whole=whole)
    longest = _compute_max_name_length(ways)
    short = SHORT if ways <= FEW_WAYS else -1

    def match(name: str) -> bool:
        if len(name) <= short and allowance.has_re_seconds:
            return allowance.run_sampled(run, name) is not None
        if len(name) <= longest and allowance.has_re_seconds:
            return allowance.run_timed(run, name) is not None
        return careful.match(name)

    return match


def is_quick(pattern: str) -> bool:
    """Whether `re` matches the pattern soon, whatever the name is. The pattern must compile."""
    return _count_ways_or_inf(pattern) <= QUICK_WAYS


def find_last_group(pattern: str, field: str, name: str) -> int:
    """Where the last group of a match begins. The pattern must match. Raises RefusedError."""
    ways = _count_ways_or_inf(pattern)
    if ways <= QUICK_WAYS or (
        len(name) <= _compute_max_name_length(ways) and allowance.has_re_seconds
    ):
        compiled = compile_regex(pattern)
        group = allowance.run_timed(compiled.match, name)
        return int(group.start(compiled.groups))
    try:
        places = allowance.ask_worker(pattern, name, whole=False)
    except OverspentError:
        raise _make_refused_error(field) from None
    return places[-1][0] if places else -1


class _Careful:
    """The matchers that do not trust the pattern."""

    def __init__(self, pattern: str, field: str, *, whole: bool) -> None:
        self._pattern, self._field, self._whole = pattern, field, whole

    @cached_property
    def _linear(self) -> Callable[[str], bool] | None:
        if len(self._pattern) > LONG or not allowance.has_steps:
            return None  # to build one takes longer than all names that it could answer
        try:
            return build_matcher(self._pattern, whole=self._whole)
        except RecursionError:
            return None

    def match(self, name: str) -> bool:
        if self._linear is not None:
            try:
                return self._linear(name)
            except (OverspentError, RecursionError):
                self._linear = None
        try:
            return allowance.ask_worker(self._pattern, name, whole=self._whole) is not None
        except OverspentError:
            raise _make_refused_error(self._field) from None


def _make_refused_error(field: str) -> RefusedError:
    note_chance()  # there may be more time at the next run
    text = "matching the pattern took too long, so it was stopped"
    return RefusedError("unsafe-regex", "", text, field)


def _count_ways_or_inf(pattern: str) -> float:
    try:
        return count_ways(pattern)
    except RecursionError:
        return inf


def _compute_max_name_length(ways: float) -> float:
    """The longest name with which `re` is done in some hundredths of a second."""
    return -1 if ways > MAX_WAYS else _MAX_COST ** (log(20) / log(ways))
