"""Regular expressions of a stranger's file, compiled."""

from __future__ import annotations

import re
import warnings

COMPILE_ERRORS = (re.error, OverflowError, RecursionError)
"""What `compile_regex` raises: for bad syntax, a count beyond limits, and deep nesting."""


def compile_regex(pattern: str) -> re.Pattern[str]:
    """`re.compile(pattern)` without Python's warnings (as "Possible nested set"): they are for the
    author of a program, and would quote loracheck's own. Raises COMPILE_ERRORS.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(pattern)
