"""Regular expressions that are compiled when they are first used.

A check of one file loads the patterns of a hundred rules and tools, and uses a handful. To compile
them all took half as long as starting Python.
"""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, AnyStr

METHODS = ("match", "fullmatch", "search", "sub", "split", "finditer", "findall")


class LazyPattern:
    """Stands for a pattern. From the first use on its methods are the pattern's own, so that a call
    costs what a call of the pattern does.
    """

    def __init__(self, pattern: Any, flags: int, words: tuple[Any, ...]) -> None:
        self._source = pattern, flags
        self._words = words

    def match(self, text: Any, *places: int) -> Any:
        """As `re.Pattern.match`."""
        return self._compile("match")(text, *places) if self._may_match(text) else None

    def fullmatch(self, text: Any, *places: int) -> Any:
        """As `re.Pattern.fullmatch`."""
        return self._compile("fullmatch")(text, *places) if self._may_match(text) else None

    def search(self, text: Any, *places: int) -> Any:
        """As `re.Pattern.search`."""
        return self._compile("search")(text, *places) if self._may_match(text) else None

    def _may_match(self, text: Any) -> bool:
        return not self._words or any(word in text for word in self._words)

    def _compile(self, name: str) -> Any:
        return self.__getattr__(name)

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._source)
        for method in METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def compile_when_used(
    pattern: AnyStr, flags: int = 0, *, words: tuple[AnyStr, ...] = ()
) -> re.Pattern[AnyStr]:
    """The pattern; what is wrong with it is raised when it is first used. It is no `re.Pattern`, so
    that `re.sub` and the like do not take it, and no match's `re` is it: call its methods. Each
    text that it matches holds one of `words`: it is not compiled for any other.
    """
    lazy: Any = LazyPattern(pattern, flags, words)
    return lazy  # type: ignore[no-any-return]
