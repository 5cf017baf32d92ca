"""`Finding`: what a rule says about one place of one file. Reporters see nothing else."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from loracheck.documents.model import Path, Span

Severity = Literal["error", "warning", "note"]
"""error: PEFT refuses it, or it provably does nothing; warning: accepted, probably not what was
meant; note: worth knowing.
"""

LEVELS: dict[str, int] = {"note": 0, "warning": 1, "error": 2}


class Related(NamedTuple):
    """Another place of the same file that belongs to the finding."""

    span: Span
    label: str


class Edit(NamedTuple):
    """Replace the text of `span` by `text`."""

    span: Span
    text: str


class Change(NamedTuple):
    """What edits mean for the document's values: the value at `path` is set to `value`, its key is
    renamed to `value`, it is dropped, or the pair `value` is added to its mapping behind it. A fix
    is applied only where the edited text parses to exactly this.
    """

    kind: Literal["set", "rename", "drop", "add"]
    path: Path
    value: Any = None


class Fix(NamedTuple):
    """A mend. `safe` means provably right; others are only likely right. A fix without `changes` is
    shown, never applied.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False
    changes: tuple[Change, ...] = ()


class Finding(NamedTuple):
    """One diagnostic. `notes` are further facts (what the model really has there), one line
    each.
    """

    code: str
    name: str
    severity: Severity
    message: str
    path: str
    span: Span
    help: str | None = None
    field: str | None = None
    notes: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    fix: Fix | None = None


def at_or_above(finding: Finding, threshold: str) -> bool:
    """Whether the finding's severity reaches the threshold."""
    return LEVELS[finding.severity] >= LEVELS[threshold]
