"""A LoraConfig field's page: what it means, what it takes, what is usual, rules about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.config import facts
from loracheck.rules import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.config.facts import Field


def find(topic: str) -> Field | None:
    """The field of that name, or the one that a known other spelling means."""
    known = facts.fields()
    return known.get(topic) or known.get(facts.closest(topic) or "")


def page(field: Field) -> str:
    """The page as text."""
    return "\n".join(_lines(field))


def _lines(field: Field) -> Iterator[str]:
    yield f"{field.name}: {field.type.replace('|', ' or ')}, default {field.default!r}"
    yield ""
    yield field.help
    yield ""
    yield f"in PEFT since {field.since}; PEFT's annotation: {field.peft}"
    if field.choices:
        yield "values: " + ", ".join(map(str, field.choices))
    if field.typical:
        yield f"usual: {field.typical.text} ({field.typical.source})"
    if field.examples:
        yield "examples: " + ", ".join(map(repr, field.examples))
    if field.source:
        yield f"source: {field.source}"
    rules = [rule for rule in catalogue() if f"`{field.name}`" in rule.page]
    if rules:
        yield ""
        yield "rules about it:"
        yield from (f"  {rule.code} {rule.name}: {rule.summary}" for rule in rules)
