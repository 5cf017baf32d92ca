"""What a rule gives back: `Hit`, with the types that it is made of.

A leaf: it imports no other module of the rules, so that every one of them can import it.
"""

from __future__ import annotations

from loracheck.documents.model import Path, Span
from loracheck.findings import Fix, Repeat, Severity
from loracheck.named_tuple import NamedTuple


class Hit(NamedTuple):
    """One thing that a rule has to say about one place of the document."""

    message: str
    at: Path | Span
    """Where: a path in the document's values, or a span of its text."""
    help: str | None = None
    """What to write instead."""
    field: str | None = None
    """The field of LoraConfig, or the tool's key, that it is about."""
    written: Span | None = None
    """Where the value was written, if that is to be shown in the place of `at`."""
    key: bool = False
    """Whether it is the key at `at` that is wrong, and not the value."""
    notes: tuple[str, ...] = ()
    """Further facts, such as what the model really has; one line each."""
    related: tuple[tuple[Path, str], ...] = ()
    """Other places by path, each with a label."""
    spans: tuple[tuple[Span, str], ...] = ()
    """Other places by span, each with a label."""
    files: tuple[tuple[str, Span, str], ...] = ()
    """Places in other files: the file's path, the span, and a label."""
    severity: Severity | None = None
    """Overrides the rule's own where this hit is milder or harder."""
    fix: Fix | None = None
    repeat: Repeat | None = None
    """How it is joined with what the rule says of other places of the setting."""


__all__ = ["Fix", "Hit", "Repeat", "Severity"]
