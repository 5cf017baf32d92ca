"""How many files are done, on standard error, for a run that is long and shows nothing else."""

from __future__ import annotations

import sys
from time import monotonic

FIRST, NEXT = 2.0, 0.5
"""Seconds before the first word, and between two."""


class Progress:
    """A line on a terminal that is written over again and again, and gone at the end. With
    `visible` False nothing is written, nor is it where standard error is no terminal.
    """

    def __init__(self, noun: str = "files", *, visible: bool) -> None:
        self._noun = noun
        self._visible = visible and sys.stderr.isatty()
        self._count = 0
        self._due = monotonic() + FIRST
        self._width = 0

    def step(self, count: int = 1) -> None:
        """Count one, or so many."""
        self._count += count
        if self._visible and monotonic() >= self._due:
            self._due = monotonic() + NEXT
            self._write(f"{self._count:,} {self._noun} checked")

    def end(self) -> None:
        """Take the line away."""
        if self._width:
            self._write("")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r{text:<{self._width}}" if text else f"\r{'':<{self._width}}\r")
        sys.stderr.flush()
        self._width = len(text)
