"""Two target names that run into one: a comma is missing between them.

## What
An entry of `target_modules` that is two module names without anything between: `q_projk_proj`.

## Why
Python joins neighbouring strings, so `["q_proj" "k_proj", "v_proj"]` is a list of two entries, and
the first of them matches nothing. PEFT is content with the other, and two kinds of layers stay
without LoRA. That an entry without a match passes is asked about in
https://github.com/huggingface/peft/issues/1024.

## Bad
```python
from peft import LoraConfig

config = LoraConfig(r=16, lora_alpha=32, target_modules=["q_proj" "k_proj", "v_proj"])
```

## Good
```python
from peft import LoraConfig

config = LoraConfig(r=16, lora_alpha=32, target_modules=["q_proj", "k_proj", "v_proj"])
```

## Fix
Put the comma between the names.

## Source
Python's language reference, "String literal concatenation"; PEFT 0.21.2 `tuners/tuners_utils.py`
(`inject_adapter`: only a config without any match is an error), executed.
"""

from __future__ import annotations

from loracheck.rules.support.joined_names import split_joined_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC242"
NAME = "target-names-glued"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each entry that is two names without a comma between them."""
    for field in ("target_modules", "exclude_modules"):
        entries = context.setting.fields.get(field)
        for entry in entries if isinstance(entries, (list, tuple)) else ():
            pair = split_joined_names(entry) if isinstance(entry, str) else None
            if pair is not None:
                yield Hit(
                    f"`{entry}` is `{pair[0]}` and `{pair[1]}` run into one",
                    context.entry_place(field, entry),
                    help=f'write "{pair[0]}", "{pair[1]}": a comma is missing between them',
                    field=field,
                )
