"""Two fields that PEFT refuses together.

## What
Combinations that `LoraConfig` itself or the wrapping refuses: `layers_to_transform` beside
a `target_modules` string, `layers_pattern` without `layers_to_transform`, DoRA with `lora_bias`,
`loftq` without its config, and so on.

## Why
The run stops with an error, some of them only after the model was loaded. All are reported at once;
PEFT stops at the first. Seen in huggingface/peft issue 2155.

## Bad
```json
{"peft_type": "LORA", "r": 8, "target_modules": ".*q_proj", "layers_to_transform": [0, 1]}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], "layers_to_transform": [0, 1]}
```

## Fix
Take one of the two out. The file does not tell which was meant.

## Source
PEFT 0.21.2 `tuners/lora/config.py` (`LoraConfig.__post_init__`), `tuners/lora/layer.py`
(`ParamWrapper`).
"""

from __future__ import annotations

from loracheck.rules.support.issue_hits import build_hits_for_issues
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC105"
NAME = "fields-conflict"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """Every combination of fields that PEFT refuses."""
    yield from build_hits_for_issues(context, "conflict")
