"""A value that is not one of those PEFT knows.

## What
A `task_type`, `bias`, `init_lora_weights`, `peft_type` or sub-config choice outside PEFT's
set, often copied from a tutorial (`QUESTION_ANSWERING`, `OTHER`) or written in another case
(`causal_lm`).

## Why
PEFT refuses an unknown `task_type` when the config is made; the others fail after the model was
loaded, or are taken for something else. Seen in huggingface/peft issue 1589 (the task of question
answering) and huggingface/peft issue 1361 (`bias=None`).

## Bad
```python
from peft import LoraConfig
config = LoraConfig(r=16, task_type="QUESTION_ANSWERING", target_modules=["q_proj"])
```

## Good
```python
from peft import LoraConfig
config = LoraConfig(r=16, task_type="QUESTION_ANS", target_modules=["q_proj"])
```

## Fix
Write one of the values that the finding lists. `--fix` does it where case or signs alone differ, or
where the task has one name in PEFT; `--unsafe-fixes` writes the nearest one.

## Source
PEFT 0.21.2 `config.py` (`PeftConfigMixin.__post_init__`), `utils/peft_types.py`,
`tuners/lora/layer.py`.
"""

from __future__ import annotations

from loracheck.rules.support.issue_hits import build_hits_for_issues
from loracheck.rules.support.task_heads import find_head_of_class
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC103"
NAME = "value-not-allowed"
SEVERITY = "error"
FIXABLE = True


def check(context: RuleContext) -> Iterator[Hit]:
    """Every value outside the set that PEFT accepts."""
    for hit in build_hits_for_issues(context, "bad-choice", "correct_choice"):
        tree = context.tree
        right = find_head_of_class(context) if hit.field == "task_type" else None
        if hit.field == "task_type" and tree is not None and not tree.pretrained:
            hit = hit._replace(help=f"leave it out: {tree.cls} is of none of these tasks", fix=None)
        elif right is not None and right not in str(hit.help):
            hit = hit._replace(
                help=f"write '{right}', the task of {tree.cls if tree else None}", fix=None
            )
        if hit.field == "peft_type" and context.setting.form != "adapter_config":
            hit = hit._replace(severity="note")  # LoraConfig sets it, whatever is given
        yield hit
