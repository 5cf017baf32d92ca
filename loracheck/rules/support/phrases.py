"""Phrases for the messages of rules: counts with their noun, lists of names."""

from __future__ import annotations


def count_noun(number: int, noun: str) -> str:
    """A count with its noun: `1 module`, `3 modules`, `21,504 modules`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def is_or_are(number: int) -> str:
    """ "is" for one, "are" for any other number."""
    return "is" if number == 1 else "are"


def quote_names(names: list[str]) -> str:
    """Names in backticks as a list in English: `a`; `a` and `b`; `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
