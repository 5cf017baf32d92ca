"""A value that is the result of a call which returns nothing.

## What
A field is given the result of `list.append`, `extend`, `insert`, `remove`, `sort` or another method
that changes its list and returns None.

## Why
The field gets None, and the list it was called on has changed. With
`modules_to_save=targets.append("score")` nothing is saved in full, and `score` has become a LoRA
target.

## Bad
```python
from peft import LoraConfig
targets = ["q_proj", "v_proj"]
config = LoraConfig(r=8, target_modules=targets, modules_to_save=targets.append("score"))
```

## Good
```python
from peft import LoraConfig
targets = ["q_proj", "v_proj"]
config = LoraConfig(r=8, target_modules=targets, modules_to_save=["score"])
```

## Fix
Change the list in a statement of its own, or write the list out.

## Source
The Python library reference, "Mutable Sequence Types"; huggingface/peft issue 577.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC110"
NAME = "in-place-call"
SEVERITY = "error"
METHODS = ("append", "extend", "insert", "remove", "sort", "reverse", "clear", "update", "add")
"""Methods of list, set and dict that return None."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every field whose value is such a call."""
    for field, value in context.setting.fields.items():
        if not isinstance(value, Unknown) or not value.text.endswith(")"):
            continue
        match = re.match(rf"[\w.\[\]'\"]+\.({'|'.join(METHODS)})\(", value.text)
        if match:
            yield Hit(
                f"`{match.group(1)}` returns None, so `{field}` is None",
                context.place(field),
                help="change the list in a statement of its own, or write the list out",
                field=field,
            )
