"""Which serving engines would take the adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from loracheck.rules import Case


class Served(NamedTuple):
    """One engine's verdict: `takes` is None where it cannot be told; `reasons` are sentences."""

    engine: str
    version: str | None
    takes: bool | None
    reasons: tuple[str, ...]


def served(case: Case, engines: tuple[str, ...]) -> tuple[Served, ...] | None:
    """The engines' verdicts; None where nothing is known about engines."""
    return None
