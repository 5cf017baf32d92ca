"""A rule's page as text for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.rules import catalogue

if TYPE_CHECKING:
    from loracheck.rules import Rule


def find(topic: str) -> Rule | None:
    """The rule of that code or name, whatever the case."""
    low = topic.lower()
    return next((r for r in catalogue() if low in (r.code.lower(), r.name)), None)


def page(rule: Rule) -> str:
    """Code, name, severity, then the rule's own page."""
    mends = "has a fix" if rule.fixable else "no fix"
    head = f"{rule.code} {rule.name} ({rule.severity}, since {rule.since}, {mends})"
    return f"{head}\n\n{rule.page.strip()}"
