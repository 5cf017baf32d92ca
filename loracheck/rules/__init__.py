"""The rules, one file each, found by themselves."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from os import listdir
from os.path import dirname

from .base import Case, Hit, Rule, rule_of


@cache
def catalogue() -> tuple[Rule, ...]:
    """Every rule of this package, by code."""
    names = sorted({f.partition(".")[0] for f in listdir(dirname(__file__)) if f.startswith("lc")})
    return tuple(rule_of(vars(import_module(f"{__name__}.{name}"))) for name in names)


def matching(selectors: tuple[str, ...]) -> frozenset[str]:
    """Codes that the selectors (a code, a prefix of codes, a rule's name, or ALL) stand for.

    Raises KeyError with the first selector that stands for nothing.
    """
    found: set[str] = set()
    for selector in selectors:
        hits = {
            r.code
            for r in catalogue()
            if selector in ("ALL", r.name) or r.code.startswith(selector.upper())
        }
        if not hits:
            raise KeyError(selector)
        found |= hits
    return frozenset(found)


__all__ = ["Case", "Hit", "Rule", "catalogue", "matching"]
