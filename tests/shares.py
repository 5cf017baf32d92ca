"""Matrices that are too large for every run: a day takes a share of them, a long run all.

The shares of a few days following make the whole, so that what a run left out another takes.
"""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Item = TypeVar("Item")

EXHAUSTIVE = os.environ.get("LORACHECK_EXHAUSTIVE", "") not in ("", "0")
"""Environment variable of a long run: with 1, nothing is left out."""

DAY = int(os.environ.setdefault("LORACHECK_DAY", str(date.today().toordinal())))
"""The day whose share is taken, the same in all processes of a run; set it to run a day's again."""


def take_share(items: Sequence[Item], parts: int) -> list[Item]:
    """The items that this day takes of a matrix that is spread over so many days."""
    return list(items) if EXHAUSTIVE else list(items[DAY % parts :: parts])
