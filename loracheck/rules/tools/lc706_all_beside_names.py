"""A word for every module that stands beside others, where the tool takes it only alone.

## What
`lora_target: all,lm_head` in a LLaMA-Factory file.

## Why
LLaMA-Factory expands `all` only when it is the whole value. Beside other names it is a module's
name, which no model has: LoRA reaches the other names alone, and nothing is said.

## Bad
```yaml
model_name_or_path: Qwen/Qwen2.5-7B
stage: sft
finetuning_type: lora
lora_target: all,lm_head
```

## Good
```yaml
model_name_or_path: Qwen/Qwen2.5-7B
stage: sft
finetuning_type: lora
lora_target: all
additional_target: lm_head
```

## Fix
Write `all` alone, and modules to be trained in full into `additional_target`.

## Source
LLaMA-Factory main of August 2026, `src/llamafactory/model/adapter.py` (`_setup_lora_tuning`).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC706"
NAME = "all-beside-names"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for `all` (or PEFT's all-linear) in a list of LLaMA-Factory's."""
    targets = context.setting.fields.get("target_modules")
    if NAME not in context.setting.traps or not isinstance(targets, list):
        return
    for word in ("all", "all-linear"):
        if word in targets:
            alone = len(targets) == 1
            yield Hit(
                f"`{word}` stands for every linear layer only as "
                f"{'`all`' if alone else 'the whole value'}; here it is a module's name, and no "
                "model has it",
                context.place("target_modules"),
                help="write all" if alone else "write all, and the rest in additional_target",
                field=context.spelling("target_modules"),
            )
