"""Builds that many examples of a test share."""

from __future__ import annotations

from loracheck.trees.sources.builds import Builds
from loracheck.trees.sources.request import TreeOptions

REMEMBERED = TreeOptions(builds=Builds(float("inf")))
"""A tree that cannot be built is tried once in a process, not in each example; no bound on time."""
