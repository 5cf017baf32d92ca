"""A key that LoraConfig does not have.

## What
A misspelt, foreign or removed field name. The closest real field is suggested.

## Why
`LoraConfig(...)` raises TypeError for it. In an adapter_config.json PEFT 0.14 and later only warn
and drop the key, so `rank: 64` trains with r=8 and `target_module` leaves the default targets. Seen
in huggingface/peft issues 1511 and 276, and in oobabooga/textgen issue 6819, where a newer PEFT had
written the file.

## Bad
```json
{"peft_type": "LORA", "rank": 64, "lora_alpha": 128, "target_modules": ["q_proj"]}
```

## Good
```json
{"peft_type": "LORA", "r": 64, "lora_alpha": 128, "target_modules": ["q_proj"]}
```

## Fix
Rename the key to the field that is meant. `--fix` does it in a Python call where the spelling can
mean one field only, `--unsafe-fixes` for slips too, and in files. A removed key that holds nothing
(`enable_lora: null`) is taken out; one with a list cannot be mended that way, because the tensors
have another shape.

## Source
PEFT 0.21.2 `config.py` (`from_peft_type`); since which release a field exists: the
released wheels, 0.3 to 0.21.
"""

from __future__ import annotations

from loracheck.rules.support.issue_hits import build_hits_for_issues
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC101"
NAME = "unknown-field"
SEVERITY = "error"
FIXABLE = True


def check(context: RuleContext) -> Iterator[Hit]:
    """Every key that the config class does not know."""
    yield from build_hits_for_issues(context, "unknown-field", "rename_key")
