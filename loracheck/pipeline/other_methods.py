"""What is said of a config of another of PEFT's methods: which of its names match nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.rules import Hit, Rule

RULES = frozenset({"LC003", "LC201", "LC202", "LC203", "LC205", "LC208", "LC213", "LC240", "LC801"})
"""Rules about the matching of names, which all these methods share with LoRA."""

_LORA = re.compile(r"\bLoRA\b")


def select_method_hits(method: str, hits: Iterable[tuple[Rule, Hit]]) -> Iterator[tuple[Rule, Hit]]:
    """The hits that hold for the method, in its name."""
    for rule, hit in hits:
        if rule.code in RULES:
            yield (
                rule,
                hit._replace(
                    message=_LORA.sub(method, hit.message),
                    help=hit.help and _LORA.sub(method, hit.help),
                    notes=tuple(_LORA.sub(method, note) for note in hit.notes),
                ),
            )
