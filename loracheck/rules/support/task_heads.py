"""The task whose head a model's class has.

Source: PEFT 0.21.2 `peft_model.py` (`PeftModelForSequenceClassification` and its siblings).
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext

HEAD_CLASSES = {
    "SEQ_CLS": ("ForSequenceClassification", "ForImageClassification", "ForAudioClassification"),
    "TOKEN_CLS": ("ForTokenClassification",),
    "QUESTION_ANS": ("ForQuestionAnswering",),
}
"""Model classes whose new head a task's wrapper trains, by the ends of their names in
transformers.
"""


def find_untrained_head_task(context: RuleContext) -> str | None:
    """The task of the model class's head where the task_type leaves that head untrained, else
    None.
    """
    task, has = context.value("task_type"), find_head_of_class(context)
    if has is None or not context.setting.class_given or not isinstance(task, (str, type(None))):
        return None
    return None if task == has or context.value("modules_to_save") else has


def find_head_of_class(context: RuleContext) -> str | None:
    """The task of the head that the end of the class's name tells; None where it tells none."""
    cls = (context.tree.cls if context.tree else None) or ""
    return next((task for task, ends in HEAD_CLASSES.items() if cls.endswith(ends)), None)
