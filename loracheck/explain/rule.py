"""A rule's page as text for the terminal."""

from __future__ import annotations

from loracheck.rules import list_all_rules
from loracheck.type_checking import TYPE_CHECKING

from .links import find_links

if TYPE_CHECKING:
    from loracheck.rules import Rule


def find_rule(topic: str) -> Rule | None:
    """The rule with that code or name, in any case."""
    low = topic.lower()
    return next((r for r in list_all_rules() if low in (r.code.lower(), r.name)), None)


def render_rule(rule: Rule) -> str:
    """Code, name, severity, the rule's own page, its options, and the addresses that it cites."""
    mends = "has a fix" if rule.fixable else "no fix"
    head = f"{rule.code} {rule.name} ({rule.severity}, since {rule.since}, {mends})"
    blocks = [head, rule.page.strip()]
    if rule.options:
        rows = [f"{name}: {text}" for name, text in rule.options.items()]
        table = f"In [tool.loracheck.rules.{rule.code}] of the settings:"
        blocks.append("\n".join(["## Options", table, *rows]))
    addresses = dict.fromkeys(link.address for link in find_links(rule.page))
    if addresses:
        blocks.append("\n".join(["## Links", *addresses]))
    return "\n\n".join(blocks)
