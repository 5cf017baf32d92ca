"""Regular expressions of a stranger's file, compiled."""

from __future__ import annotations

import re
import warnings

COMPILE_ERRORS = (re.error, OverflowError, RecursionError)
"""What `compile_regex` raises: for bad syntax, a count beyond limits, and deep nesting."""

LONGEST = 250_000
"""Characters of an expression that is compiled: Python takes five seconds for each million, and the
full names of 3,000 modules are no longer.
"""


def compile_regex(pattern: str) -> re.Pattern[str]:
    """`re.compile(pattern)` without Python's warnings (as "Possible nested set"): they are for the
    author of a program, and would quote loracheck's own. Raises COMPILE_ERRORS.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(pattern)
