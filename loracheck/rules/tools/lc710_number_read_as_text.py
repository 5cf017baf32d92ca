"""A number that YAML reads as text.

## What
`1e-4` or `2E-5` without a decimal point, beside LoRA settings for transformers' trainers.

## Why
YAML 1.1, which PyYAML reads, wants a point and a signed exponent in a number: `1e-4` is the string
"1e-4". transformers' TrainingArguments keeps it as it is, and the optimiser or the scheduler fails
on it in the first step. Releases of the tools differ: today TRL converts by its argument parser and
LLaMA-Factory reads by other rules, older releases of both fail. Seen in hiyouga/LLaMA-Factory
issues 4014 and 6402 and in huggingface/trl issue 1450.

## Bad
```yaml
model_name_or_path: Qwen/Qwen2.5-7B
finetuning_type: lora
lora_rank: 16
lora_target: all
learning_rate: 1e-4
```

## Good
```yaml
model_name_or_path: Qwen/Qwen2.5-7B
finetuning_type: lora
lora_rank: 16
lora_target: all
learning_rate: 1.0e-4
```

## Fix
Write a decimal point and a sign: `1.0e-4`.

## Source
yaml.org/type/float.html; PyYAML `resolver.py`; transformers 5.23.0 TrainingArguments, executed.
axolotl is left out: its schema converts text to numbers.
"""

from __future__ import annotations

import re

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC710"
NAME = "number-read-as-text"
SEVERITY = "note"
_NUMBER = r"([+-]?)(\d+)(\.\d*)?[eE]([+-]?)(\d+)"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such value beside the LoRA settings."""
    setting = context.setting
    to_trainer = setting.form == "mapping" or (setting.tool and setting.tool.training_arguments)
    if not to_trainer or setting.document.format != "yaml":
        return
    for key, value in setting.mapping.items():
        match = re.fullmatch(_NUMBER, value) if isinstance(value, str) else None
        if match is None:
            continue
        sign, whole, part, exponent, power = match.groups()
        number = f"{sign}{whole}{part or '.0'}e{exponent or '+'}{power}"
        yield Hit(
            f"YAML reads `{key}: {value}` as text, not as a number",
            (*setting.path, key),
            help=f"write {number}",
            field=str(key),
        )
