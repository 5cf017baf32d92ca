"""The colour of a rank: six steps, the same in every picture, so that two maps can be compared."""

from __future__ import annotations

STEPS = (4, 8, 16, 32, 64)
"""A rank belongs to the first step that is not below it; larger ones to a sixth."""


def get_rank_step(rank: int) -> int:
    """The step of a rank, 0 to 5."""
    return next((i for i, most in enumerate(STEPS) if rank <= most), len(STEPS))


def get_css_class(rank: int) -> str:
    """The class of a cell with that rank."""
    return f"r{get_rank_step(rank)}"
