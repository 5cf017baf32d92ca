"""Regular expressions that are compiled when they are first used.

A check of one file loads the patterns of a hundred rules and tools, and uses a handful. To compile
them all took half as long as starting Python.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import AnyStr

METHODS = ("match", "fullmatch", "search", "sub", "split", "finditer", "findall")


class LazyPattern:
    """Stands for a pattern. From the first use on its methods are the pattern's own, so that a call
    costs what a call of the pattern does.
    """

    def __init__(self, pattern: Any, flags: int) -> None:
        self._source = pattern, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._source)
        for method in METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def compile_when_used(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The pattern; what is wrong with it is raised when it is first used. It is no `re.Pattern`, so
    that `re.sub` and the like do not take it, and no match's `re` is it: call its methods.
    """
    lazy: Any = LazyPattern(pattern, flags)
    return lazy  # type: ignore[no-any-return]
