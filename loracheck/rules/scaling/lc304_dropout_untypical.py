"""A dropout above what is commonly used.

## What
`lora_dropout` above 0.1, yet below 1.

## Why
Not an error. QLoRA used 0.1 for small and 0.05 for large models; 99 % of the real configs that were
counted lie at or below 0.1. The dropout acts on the adapter's input alone, so a high value mostly
slows learning. A config with 0.5 stands in google-research/metricx issue 3.

## Bad
```json
{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "lora_dropout": 0.5, "target_modules": ["q_proj"]}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "lora_dropout": 0.05, "target_modules": ["q_proj"]}
```

## Fix
Write 0.05 or 0, or leave it if it is meant.

## Source
QLoRA, arXiv:2305.14314, appendix B.2; counts over 875 settings in public repositories (2026).
"""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields as facts
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC304"
NAME = "dropout-untypical"
SEVERITY = "note"
OPTIONS = {"high": "Highest dropout that nothing is said about."}


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a dropout that works but is above the range that the field's facts give."""
    dropout, typical = context.value("lora_dropout"), facts()["lora_dropout"].typical
    if typical is None or typical.high is None:
        return
    high = context.option(CODE, "high", typical.high)
    if isinstance(dropout, (int, float)) and high < dropout < 1:
        yield Hit(
            f"dropout {dropout:g} is above the usual range of 0 to {high:g}",
            context.place("lora_dropout"),
            field="lora_dropout",
            help=f"if it is meant, set `high` in [rules.{CODE}] of the settings",
        )
