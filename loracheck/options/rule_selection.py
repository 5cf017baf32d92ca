"""Which rules run, out of what the settings file and the options select and ignore.

The more exact selector decides, as for ruff and flake8: `LC302` counts more than `LC3`, and that
more than `ALL`. Among equals the options count more than the settings file, then `ignore` more than
`select`. `select` among the options takes the place of what the settings file selects.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.rules import list_codes, select_codes

NOT_SELECTED = -1
"""The exactness of a rule that no selector stands for."""


class RuleSelectors(NamedTuple):
    """The selectors that one place gives; each is a code, a prefix of codes, a name, or ALL."""

    select: tuple[str, ...] | None = None
    """Take these rules only; None where the place does not say."""

    extend: tuple[str, ...] = ()
    """Take these rules as well."""

    ignore: tuple[str, ...] = ()
    """Leave these rules out."""


NO_SELECTORS = RuleSelectors()


def select_rules(settings: RuleSelectors, options: RuleSelectors) -> frozenset[str]:
    """Codes of the rules to run. Raises KeyError with a selector that stands for no rule."""
    codes = list_codes()
    if settings == options == NO_SELECTORS:
        return frozenset(codes)
    usual = settings.select if settings.select is not None else ("ALL",)
    selected = _compute_exactness((*usual, *settings.extend))
    ignored = _compute_exactness(settings.ignore)
    option_selected = _compute_exactness((*(options.select or ()), *options.extend))
    option_ignored = _compute_exactness(options.ignore)

    def runs(code: str) -> bool:
        exactness = option_selected.get(code, NOT_SELECTED)
        if option_ignored.get(code, NOT_SELECTED) >= max(exactness, 0):
            return False
        if exactness > NOT_SELECTED:
            return ignored.get(code, NOT_SELECTED) <= exactness
        in_settings = selected.get(code, NOT_SELECTED) > ignored.get(code, NOT_SELECTED)
        return options.select is None and in_settings

    return frozenset(filter(runs, codes))


def _compute_exactness(selectors: tuple[str, ...]) -> dict[str, int]:
    """Code of a rule -> length of the longest of its code's prefixes that a selector names."""
    exactness: dict[str, int] = {}
    for selector in selectors:
        codes = select_codes((selector,))
        for code in codes:
            prefix = code.startswith(selector.upper())
            size = len(selector) if prefix else 0 if len(codes) > 1 else len(code)
            exactness[code] = max(exactness.get(code, NOT_SELECTED), size)
    return exactness
