"""PEFT's semantics on a module tree, without torch: `plan(config, tree)`.

The one implementation of PEFT's matching here; the differential tests hold it against the real
PEFT. Which release it follows stands in `PEFT`.
"""

from __future__ import annotations

from .model import (
    EntryMatch,
    Plan,
    PlanError,
    PlanWarning,
    SavedModule,
    Tokens,
    WrappedModule,
)
from .planning import plan

PEFT = "0.21.2"
"""The PEFT release whose behaviour the plan is."""

__all__ = [
    "PEFT",
    "EntryMatch",
    "Plan",
    "PlanError",
    "PlanWarning",
    "SavedModule",
    "Tokens",
    "WrappedModule",
    "plan",
]
