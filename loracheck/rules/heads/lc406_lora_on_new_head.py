"""LoRA on a head that starts at random.

## What
A new module of a classification model (`classifier`, `score`, `pooler`) is a LoRA target instead of
being trained in full, usually because `all-linear` is used without a `task_type`.

## Why
The head's own weight is random, frozen, and not saved: only the LoRA part is. After reloading it
stands on other random values, and the predictions change. Seen in huggingface/peft issue 2027.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForSequenceClassification
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased")
config = LoraConfig(r=8, target_modules="all-linear")
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForSequenceClassification
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased")
config = LoraConfig(r=8, target_modules="all-linear", task_type="SEQ_CLS")
```

## Fix
Set the `task_type`, or add the head to `modules_to_save`.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`_maybe_include_all_linear_layers` spares the head for
SEQ_CLS only), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.new_heads import find_new_heads
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC406"
NAME = "lora-on-new-head"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for all new modules that are wrapped."""
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None:
        return
    plan, tree = plan_and_tree
    fresh = {g.name for g in find_new_heads(tree)}
    names = [w.group.name for w in plan.wrapped if w.group.name in fresh]
    if names:
        tops = list(dict.fromkeys(name.partition(".")[0] for name in names))
        task = "" if context.value("task_type") else ", or set the task_type"
        yield Hit(
            f"{quote_names(names[:4])} of {tree.cls} {'is' if len(names) == 1 else 'are'} new: "
            "LoRA is put on random weights that are not saved",
            context.place("target_modules"),
            help=f"add {quote_names(tops)} to modules_to_save{task}",
            field="target_modules",
        )
