"""Pieces of English for the messages of rules: counts with their noun, lists of names."""

from __future__ import annotations


def count_noun(number: int, noun: str) -> str:
    """`1 module`, `3 modules`, `21,504 modules`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def is_or_are(number: int) -> str:
    """The verb for so many."""
    return "is" if number == 1 else "are"


def quote_names(names: list[str]) -> str:
    """`a`, `a` and `b`, `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
