"""The imports of the repository's own packages, read from the source without running it."""

from __future__ import annotations

from functools import cache

import grimp
from grimp import ImportGraph

PACKAGES = ("loracheck", "bench", "dev")


@cache
def import_graph(*packages: str) -> ImportGraph:
    """Every import between modules of the packages, those in functions and for types included."""
    return grimp.build_graph(*packages, cache_dir=None)


def circles(graph: ImportGraph) -> set[frozenset[str]]:
    """The largest groups of modules of which each reaches every other by imports."""
    found = set()
    for module in graph.modules:
        both_ways = graph.find_upstream_modules(module) & graph.find_downstream_modules(module)
        if both_ways:
            found.add(frozenset({module, *both_ways}))
    return found
