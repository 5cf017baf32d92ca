"""Which rules run, out of what the settings file and the command line select and ignore.

The more exact selector decides, as for ruff and flake8: `LC302` counts more than `LC3`, and that
more than `ALL`. Among equals the command line counts more than the settings, then `ignore` more
than `select`. A `--select` takes the place of what the settings select.
"""

from __future__ import annotations

from typing import NamedTuple

from loracheck.rules import catalogue, select_codes

NONE = -1
"""How exact no selector is."""


class Choice(NamedTuple):
    """What one place asks for, selector by selector; `select` None where it does not say."""

    select: tuple[str, ...] | None = None
    extend: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


NOTHING = Choice()


def chosen(settings: Choice, line: Choice) -> frozenset[str]:
    """Codes of the rules to run. Raises KeyError with a selector that stands for no rule."""
    everything = [rule.code for rule in catalogue()]
    if settings == line == NOTHING:
        return frozenset(everything)
    usual = settings.select if settings.select is not None else ("ALL",)
    kept = _exactness((*usual, *settings.extend))
    left = _exactness(settings.ignore)
    wanted = _exactness((*(line.select or ()), *line.extend))
    refused = _exactness(line.ignore)

    def runs(code: str) -> bool:
        asked = wanted.get(code, NONE)
        if refused.get(code, NONE) >= max(asked, 0):
            return False
        if asked > NONE:
            return left.get(code, NONE) <= asked
        return line.select is None and kept.get(code, NONE) > left.get(code, NONE)

    return frozenset(filter(runs, everything))


def _exactness(selectors: tuple[str, ...]) -> dict[str, int]:
    """Code of a rule -> length of the longest of its code's prefixes that a selector names."""
    found: dict[str, int] = {}
    for selector in selectors:
        codes = select_codes((selector,))
        for code in codes:
            prefix = code.startswith(selector.upper())
            size = len(selector) if prefix else 0 if len(codes) > 1 else len(code)
            found[code] = max(found.get(code, NONE), size)
    return found
