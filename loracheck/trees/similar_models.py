"""Bundled models whose ids are nearly a given one."""

from __future__ import annotations

from .sources.bundle import load_index

LIKENESS = 0.8
"""Share of equal letters, as difflib counts it, from which an id may have been meant."""


def find_similar_models(model: str) -> list[str]:
    """At most three ids like the given one, or whose last part is like it, the likeliest first."""
    from difflib import get_close_matches

    ids = {name.lower(): name for name in load_index().entries}
    ids |= {name.rpartition("/")[2]: full for name, full in ids.items()}
    close = get_close_matches(model.lower(), ids, 3, LIKENESS)
    return list(dict.fromkeys(ids[name] for name in close))
