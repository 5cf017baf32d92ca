"""Phrases for the messages of rules: counts with their noun, lists of names."""

from __future__ import annotations


def count_noun(number: int, noun: str) -> str:
    """A count with its noun: `1 module`, `3 modules`, `21,504 modules`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def is_or_are(number: int) -> str:
    """ "is" for one, "are" for any other number."""
    return "is" if number == 1 else "are"


def have_or_has(number: int) -> str:
    """ "has" for one, "have" for any other number."""
    return "has" if number == 1 else "have"


def describe_example(name: str, count: int) -> str:
    """The name as one of `count`: `a` among them; alone where it is all."""
    return f"`{name}`" if count == 1 else f"`{name}` among them"


def describe_member(name: str, count: int) -> str:
    """A sentence on one of `count`: `a` is one of them; it is `a` where there is no other."""
    return f"it is `{name}`" if count == 1 else f"`{name}` is one of them"


def count_of(number: int, total: int, noun: str) -> str:
    """A part of a count: `2 of 3 modules`, `its only module` where there is no other."""
    return f"its only {noun}" if total == 1 else f"{number:,} of {total:,} {noun}s"


def quote_names(names: list[str]) -> str:
    """Names in backticks as a list in English: `a`; `a` and `b`; `a`, `b` and `c`."""
    quoted_names = [f"`{name}`" for name in names]
    return " and ".join(
        [", ".join(quoted_names[:-1]), quoted_names[-1]] if len(quoted_names) > 1 else quoted_names
    )
