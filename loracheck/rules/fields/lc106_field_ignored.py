"""A field that has no effect because of another one.

## What
A sub-config without the `init_lora_weights` that reads it (`loftq_config`, `eva_config`,
`corda_config`, `lora_ga_config`), an unknown key inside a sub-config, a `peft_type` that is
overwritten.

## Why
PEFT warns about the first such field at most, and about some never; the run then uses something
else than the file says. The warning about `loftq_config` came with huggingface/peft pull request
2214.

## Bad
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], "eva_config": {"rho": 2.0}}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], "init_lora_weights":
 "eva", "eva_config": {"rho": 2.0}}
```

## Fix
Set the other field that it depends on, or take it out.

## Source
PEFT 0.21.2 `tuners/lora/config.py` (`LoraConfig.__post_init__`; its warnings are one
if/elif chain).
"""

from __future__ import annotations

from loracheck.rules.support.issue_hits import build_hits_for_issues
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC106"
NAME = "field-ignored"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """Every field that has no effect as it stands."""
    yield from build_hits_for_issues(context, "ignored")
