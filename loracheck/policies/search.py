"""Patterns of a policy, held against text in bounded time."""

from __future__ import annotations

from loracheck.plan.matching.regexes import compile_pattern
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def compile_search(pattern: str) -> Callable[[str], bool]:
    """`re.search(pattern, text) is not None`, in bounded time. Raises RefusedError, as the function
    does where what a file may take is spent.
    """
    if pattern.startswith("^") and "|" not in pattern:
        return compile_pattern(pattern, "")
    flags = ""
    while pattern.startswith("(?") and (end := pattern.find(")")) > 0:
        if not pattern[2:end].isalpha():  # a group, and no flags for the whole pattern
            break
        flags, pattern = flags + pattern[: end + 1], pattern[end + 1 :]
    return compile_pattern(rf"{flags}[\s\S]*?(?:{pattern})", "")
