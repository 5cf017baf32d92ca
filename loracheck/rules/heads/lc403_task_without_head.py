"""A `task_type` that does not fit the model's head.

## What
A classification, question-answering or generation task whose head the model class does not have, or
a classification model whose head no `task_type` keeps trainable.

## Why
PEFT chooses its wrapper and the head to train by `task_type`. With the wrong one it runs, and the
new head stays frozen at its random start or `forward` fails on arguments that the model does not
take. Seen in huggingface/peft issue 876 and huggingface/trl issue 1379: a reward model without its
head.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForSequenceClassification
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased")
config = LoraConfig(task_type="QUESTION_ANS", target_modules=["query", "value"])
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForSequenceClassification
model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased")
config = LoraConfig(task_type="SEQ_CLS", target_modules=["query", "value"])
```

## Fix
Set the `task_type` of the head, or load the model with the Auto class of the task.

## Source
PEFT 0.21.2 `peft_model.py` (`PeftModelForSequenceClassification` and its siblings), executed.
"""

from __future__ import annotations

from loracheck.rules.support.task_heads import (
    HEAD_CLASSES,
    find_head_of_class,
    find_untrained_head_task,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC403"
NAME = "task-without-head"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the class that the file itself names has another head than its task_type."""
    task, tree = context.value("task_type"), context.tree
    if tree is None or not context.setting.class_given or not isinstance(task, (str, type(None))):
        return
    if tree.cls == "PeftModel":  # a wrapper has the methods of the model inside
        return
    right = find_untrained_head_task(context)
    if right is not None:
        yield Hit(
            f"{tree.cls} has a head for {right}; "
            f"{f'task_type {task}' if task else 'a config without task_type'} leaves it frozen",
            context.place("task_type"),
            help=f"set task_type to {right}, or name the head in modules_to_save",
            field="task_type",
        )
    elif find_head_of_class(context) is None and task in HEAD_CLASSES:
        yield Hit(
            f"{tree.cls} has no head for task_type {task}",
            context.place("task_type"),
            help="load the model with the Auto class of that task",
            field="task_type",
        )
