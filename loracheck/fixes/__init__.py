"""In comes what a rule wants changed, out comes the edited text, in which that one value is changed
and nothing else.

A rule's fix is made of steps of `edits.py` and `insert.py`, joined here by `build_fix`. `apply.py`
(begin there) applies the fixes of a file's findings; `verify.py` parses the edited text again and
refuses it unless it holds the old values with exactly that change. This room knows documents and
findings, not rules or models.
"""

from __future__ import annotations

from loracheck.findings import Fix
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from .edits import Step

__all__ = ["build_fix"]


def build_fix(title: str, *steps: Step | None, safe: bool = False) -> Fix | None:
    """The fix that takes all the steps, or None where one of them cannot be written."""
    built = [step for step in steps if step is not None]
    if not built or len(built) != len(steps):
        return None
    edits = tuple(edit for step in built for edit in step.edits)
    return Fix(title, edits, safe, tuple(change for step in built for change in step.changes))
