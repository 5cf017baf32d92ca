"""Reads a word of a command line as YAML reads a plain scalar. A leaf: it needs no shell."""

from __future__ import annotations

import re

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"


def parse_plain(text: str) -> bool | int | float | str:
    """The number or truth value that a word spells as YAML's plain scalars do, else the text."""
    low = text.strip().lower()
    if low in ("true", "false"):
        return low == "true"
    if re.fullmatch(_NUMBER, low) and len(low) < 40:
        return float(low) if re.search(r"[.e]", low) else int(low)
    return text
