"""`limit_hits`: as many hits of a rule as are listed."""

from __future__ import annotations

from itertools import islice

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.rules import Hit

MAX_HITS = 200
"""Findings of one rule in one setting."""

MORE_HITS = f"only the first {MAX_HITS} findings of this rule are listed here"


def limit_hits(hits: Iterable[Hit]) -> list[Hit]:
    """The first hits of a rule in one setting. The last one says that there are more, which are
    not looked for: a stranger's file may have any number.
    """
    first_hits = [*islice(hits, MAX_HITS + 1)]
    if len(first_hits) > MAX_HITS:
        last = first_hits[MAX_HITS - 1]
        first_hits[MAX_HITS - 1 :] = [last._replace(notes=(*last.notes, MORE_HITS))]
    return first_hits
