"""A rank outside of what is commonly used.

## What
`r` below 4 or above 64.

## Why
Not an error: the LoRA paper sees little gain above small ranks, PEFT's own examples use 8 to 64,
and 97 % of the real configs that were counted lie there. A much higher rank is often a slip, or a
sign that full fine-tuning was meant; the adapter's size grows with it, and many servers refuse
ranks above their limit.

## Bad
```json
{"peft_type": "LORA", "r": 640, "lora_alpha": 640, "target_modules": ["q_proj"]}
```

## Good
```json
{"peft_type": "LORA", "r": 64, "lora_alpha": 64, "target_modules": ["q_proj"]}
```

## Fix
Nothing, if the rank is meant. Another range can be set: `[tool.loracheck.rules.LC302]` with `low`
and `high`.

## Source
LoRA, arXiv:2106.09685, section 7.2; counts over 1,347 settings in public repositories (2026).
"""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields as facts
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC302"
NAME = "rank-untypical"
SEVERITY = "note"
OPTIONS = {
    "low": "Lowest rank that nothing is said about.",
    "high": "Highest rank that nothing is said about.",
}


MAX_RANK = 10**9
"""Ranks from here on are not spoken of as unusual; every model's dimensions are smaller (LC301)."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a valid rank outside the range that the field's facts give."""
    rank, typical = context.value("r"), facts()["r"].typical
    if (
        typical is None
        or not isinstance(rank, int)
        or isinstance(rank, bool)
        or not 0 < rank < MAX_RANK
    ):
        return
    low = context.option(CODE, "low", typical.low or 0)
    high = context.option(CODE, "high", typical.high or rank)
    if not low <= rank <= high:
        side, limit = ("below", "low") if rank < low else ("above", "high")
        yield Hit(
            f"rank {rank} is {side} the usual {low:g} to {high:g}",
            context.place("r"),
            field="r",
            notes=tuple(filter(None, [typical.text.partition("; ")[2]])),
            help=f"if it is meant, set `{limit}` in [rules.{CODE}] of the settings",
        )
