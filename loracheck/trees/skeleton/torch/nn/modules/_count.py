"""How many modules a model may have: what costs a builder time is modules, whatever the config
calls them.
"""

from __future__ import annotations

from itertools import count
from typing import Any

MOST = 400_000
"""Three times the largest model there is, and a quarter of a minute."""


class TooLargeError(Exception):
    """The model has more modules than a tree is built for."""

    def __init__(self) -> None:
        super().__init__(f"the model has more than {MOST:,} modules")


class _Count:
    """Counts modules as they are made; without a bound until `start`."""

    def __init__(self) -> None:
        self._next: Any = None

    def start(self) -> None:
        """Count from nothing, up to MOST."""
        self._next = count(1).__next__

    def one_more(self) -> None:
        """Raise TooLargeError past the bound."""
        if self._next is not None and self._next() > MOST:
            raise TooLargeError


COUNT = _Count()
