"""A module and a part of it are both saved in full.

## What
The entries of `modules_to_save` match a module and a module inside it. BERT's `embeddings` also
ends `word_embeddings` and its sisters.

## Why
PEFT copies the outer module first and then wraps the parts inside the copies again. The parts that
the model runs are frozen, those that train are not run; saving works, and reloading fails with
KeyError.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "google-bert/bert-base-uncased", "r": 8,
 "target_modules": ["query", "value"], "modules_to_save": ["embeddings"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "google-bert/bert-base-uncased", "r": 8,
 "target_modules": ["query", "value"], "modules_to_save": ["word_embeddings"]}
```

## Fix
Write the full name of one of them, or an ending that only one of them has.

## Source
PEFT 0.21.2 `utils/other.py` (`_set_trainable`, `ModulesToSaveWrapper`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_names_plan
from loracheck.rules.support.module_names import is_inside
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC409"
NAME = "saved-twice"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every entry that reaches into a module that is saved already."""
    plan_and_tree = find_names_plan(context)
    if plan_and_tree is None:
        return
    saved = plan_and_tree[0].saved
    reported: set[str] = set()
    for outer in saved:
        inner = [
            s
            for s in saved
            if s.group.name != outer.group.name and is_inside(s.group.name, outer.group.name)
        ]
        if inner and outer.entry not in reported:
            reported.add(outer.entry)
            yield Hit(
                f"`{inner[0].group.name}` lies inside `{outer.group.name}`, and both are saved in "
                "full: the parts that train are not the ones that run",
                context.entry_place("modules_to_save", inner[0].entry),
                help=f"write the full name `{inner[0].group.name}`, or a name that only one of "
                "them ends with",
                field="modules_to_save",
                notes=("saving works; loading the adapter raises KeyError",),
            )
