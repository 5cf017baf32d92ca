"""Entries that are two module names run into one, as LC242 reports them."""

from __future__ import annotations

from loracheck.trees.roles import EITHER, IN_ATTENTION, IN_MLP

NAMES = frozenset(name for name in (*EITHER, *IN_ATTENTION, *IN_MLP) if len(name) > 3)
"""Names that are long enough to be told apart inside of another."""

_LONGEST = 2 * max(map(len, NAMES))


def split_joined_names(entry: str) -> tuple[str, str] | None:
    """The two names that an entry is joined of; None where it is a name itself or none."""
    if entry in NAMES or len(entry) > _LONGEST:
        return None
    pairs = ((entry[:at], entry[at:]) for at in range(4, len(entry) - 3))
    return next((pair for pair in pairs if pair[0] in NAMES and pair[1] in NAMES), None)
