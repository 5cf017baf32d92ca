"""The error of this room."""

from __future__ import annotations


class LiveModelError(ValueError):
    """The model cannot be read; the message says what is wrong with it."""
