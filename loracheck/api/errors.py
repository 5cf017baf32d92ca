"""`ModelError`: why there is no module tree of a model."""

from __future__ import annotations


class ModelError(ValueError):
    """The module tree of a model cannot be had; the message says why, and what to do."""
