"""What an update is multiplied by, for an alpha and a rank of a file, which may be any numbers."""

from __future__ import annotations

from math import sqrt


def compute_scaling(alpha: float, rank: float, *, is_rslora: bool = False) -> float | None:
    """alpha/r, or alpha/sqrt(r) with rsLoRA; None for a rank that cannot be divided by, and for
    whole numbers beyond every float.
    """
    try:
        return alpha / (sqrt(rank) if is_rslora else rank)
    except (OverflowError, ValueError, ZeroDivisionError):
        return None
