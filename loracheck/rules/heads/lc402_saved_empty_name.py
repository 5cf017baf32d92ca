"""The empty string in `modules_to_save`.

## What
`modules_to_save: [""]`, or an empty string among its entries.

## Why
PEFT asks whether a module's name ends with the entry, and every name ends with the empty string:
the whole model is copied and marked for training, or the wrapping stops at the first list of
layers.

## Bad
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], "modules_to_save": [""]}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], "modules_to_save": null}
```

## Fix
Take the entry out. `--unsafe-fixes` does it, and writes null where it was the only one.

## Source
PEFT 0.21.2 `utils/other.py` (`_set_trainable`); OpenMOSS/CoLLiE issue 159.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC402"
NAME = "saved-empty-name"
SEVERITY = "error"
FIXABLE = True


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the empty entry."""
    value = context.value("modules_to_save")
    if isinstance(value, (list, tuple)) and "" in value:
        from loracheck.rules.support import fix_builders

        yield Hit(
            "the empty string is the end of every module's name, so it stands for the whole model",
            context.entry_place("modules_to_save", ""),
            help="remove it; leave the field out if nothing is to be trained in full",
            field="modules_to_save",
            fix=fix_builders.remove_entry(context, "modules_to_save", ""),
        )
