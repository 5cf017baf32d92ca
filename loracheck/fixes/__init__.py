"""Fixes: edits of a text that change one value and nothing else.

Rules make them with `edits` (what to write where) and join them with `fix`; `mend` applies them and
proves that nothing else changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.findings import Fix

if TYPE_CHECKING:
    from .edits import Step

__all__ = ["fix"]


def fix(title: str, *steps: Step | None, safe: bool = False) -> Fix | None:
    """The fix that takes all the steps, or None where one of them cannot be written."""
    known = [step for step in steps if step is not None]
    if not known or len(known) != len(steps):
        return None
    edits = tuple(edit for step in known for edit in step.edits)
    return Fix(title, edits, safe, tuple(change for step in known for change in step.changes))
