"""`LiveModelError`: why a model of this process cannot be read."""

from __future__ import annotations


class LiveModelError(ValueError):
    """The model cannot be read; the message says what is wrong with it."""
