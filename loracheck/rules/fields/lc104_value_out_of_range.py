"""A number outside the range in which PEFT or torch runs, or in which the value does anything.

## What
A rank of zero or less, a dropout above 1, a sub-config's number outside its bounds, NaN or
infinity.

## Why
PEFT refuses it when the first layer is wrapped, after the model was loaded; some values
(`lora_alpha: 0`, `lora_dropout: 1.0`) run to the end and learn nothing. In vllm-project/vllm pull
request 48437 a rank of 0 stops the server, and one of -5 turns the sign of the update round.

## Bad
```json
{"peft_type": "LORA", "r": 0, "lora_alpha": 16, "target_modules": ["q_proj"]}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"]}
```

## Fix
Write a number inside the range that the finding names.

## Source
PEFT 0.21.2 `tuners/lora/layer.py` (`update_layer`), `tuners/lora/config.py` (sub-configs'
`__post_init__`), torch 2.13.0 `nn/modules/dropout.py`.
"""

from __future__ import annotations

from loracheck.rules.support.issue_hits import build_hits_for_issues
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC104"
NAME = "value-out-of-range"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """Every number outside the range in which PEFT runs."""
    yield from build_hits_for_issues(context, "out-of-range")
