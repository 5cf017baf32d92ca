"""The rules that a comment may name: `# loracheck: ignore[LC`."""

from __future__ import annotations

import re

from loracheck.rules import list_all_rules

from .item import Item

_COMMENT = re.compile(r"#\s*loracheck:\s*ignore(?:-file)?\[(?:[^\]]*[\s,])?(\w*)$")


def complete_codes(text: str, at: int) -> list[Item] | None:
    """The rules, where the cursor stands in the brackets of such a comment; None elsewhere."""
    line = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    match = _COMMENT.search(text[line:at])
    if match is None:
        return None
    start = line + match.start(1)
    return [
        Item(rule.code, "rule", rule.code, start, at, rule.name, rule.summary)
        for rule in list_all_rules()
    ]
