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

from typing import TYPE_CHECKING

from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC403"
NAME = "task-without-head"
SEVERITY = "warning"
ENDINGS = {
    "SEQ_CLS": ("ForSequenceClassification", "ForImageClassification", "ForAudioClassification"),
    "TOKEN_CLS": ("ForTokenClassification",),
    "QUESTION_ANS": ("ForQuestionAnswering",),
}
"""Model classes whose new head a task's wrapper trains, by the ends of their names in
transformers.
"""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the class that the file itself names has another head than its task_type."""
    task, tree = context.value("task_type"), context.tree
    if tree is None or not context.setting.class_given or not isinstance(task, (str, type(None))):
        return
    right = _untrained_head_task(context)
    if right is not None:
        yield Hit(
            f"{tree.cls} has a head for {right}; task_type {task or 'None'} leaves it frozen",
            context.place("task_type"),
            help=f"set task_type to {right}, or name the head in modules_to_save",
            field="task_type",
        )
    elif _head_of_class(context) is None and task in ENDINGS:
        yield Hit(
            f"{tree.cls} has no head for task_type {task}",
            context.place("task_type"),
            help="load the model with the Auto class of that task",
            field="task_type",
        )


def _untrained_head_task(context: RuleContext) -> str | None:
    """The task of the model class's head where the task_type leaves that head untrained, else
    None.
    """
    task, has = context.value("task_type"), _head_of_class(context)
    if has is None or not context.setting.class_given or not isinstance(task, (str, type(None))):
        return None
    return None if task == has or context.value("modules_to_save") else has


def _head_of_class(context: RuleContext) -> str | None:
    cls = (context.tree.cls if context.tree else None) or ""
    return next((task for task, ends in ENDINGS.items() if cls.endswith(ends)), None)
