"""A new head that is neither trained nor saved.

## What
The model class adds modules to the pretrained base model (a classification head, a pooler, a
projector) that start at random, and the config leaves some of them out of `modules_to_save`.

## Why
PEFT adds `classifier` and `score` (`qa_outputs` for question answering) by `task_type`, and nothing
else. BART's and T5's `classification_head`, DeBERTa's `pooler`, Wav2Vec2's `projector` stay frozen
at random values, and these are not saved: after reloading they are other random values, and the
predictions change. DeBERTa's accuracy after reloading jumped between 0 and 1 in huggingface/peft
issue 2171. `model.add_adapter` of transformers does nothing by `task_type` at all
(huggingface/sentence-transformers pull request 3936).

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "google/t5-v1_1-xxl", "r": 8,
 "task_type": "SEQ_CLS", "target_modules": ["q", "v"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "google/t5-v1_1-xxl", "r": 8,
 "task_type": "SEQ_CLS", "target_modules": ["q", "v"], "modules_to_save": ["classification_head"]}
```

## Fix
Add the modules to `modules_to_save`; the finding lists them.

## Source
PEFT 0.21.2 `peft_model.py` (`PeftModelForSequenceClassification` and its siblings), executed: no
key of the head in adapter_model.safetensors.
"""

from __future__ import annotations

import re

from loracheck.rules.support.accepted_plan import find_names_plan
from loracheck.rules.support.module_names import is_inside
from loracheck.rules.support.new_heads import find_new_heads
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.task_heads import find_untrained_head_task
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

CODE = "LC405"
NAME = "head-left-frozen"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for all new modules that stay frozen."""
    plan_and_tree = find_names_plan(context)
    if (
        plan_and_tree is None
        or find_untrained_head_task(context) is not None
        or not _wraps_anything(plan_and_tree[0])
    ):
        return
    plan, tree = plan_and_tree
    head = context.setting.tool.trained_head if context.setting.tool else None
    frozen_heads = [g for g in find_new_heads(tree) if not _is_trained(g, plan)]
    frozen_heads = [g for g in frozen_heads if head is None or not is_inside(g.name, head)]
    frozen_heads = (
        [g for g in frozen_heads if not _is_pretrained(g, context.own_tree)] if frozen_heads else []
    )
    if not frozen_heads:
        return
    names = list(dict.fromkeys(g.name.partition(".")[0] for g in frozen_heads))
    if all(_is_trained_by_script(name, context.document.text) for name in names):
        return
    yield Hit(
        f"{quote_names(names)} of {tree.cls} {'is' if len(names) == 1 else 'are'} new, stays "
        "frozen at random values and is not saved"
        if len(names) == 1
        else f"{quote_names(names)} of {tree.cls} are new, stay frozen at random values and "
        "are not saved",
        _place(context),
        help=f"add {quote_names(names)} to modules_to_save",
        field="modules_to_save",
        notes=(f"{sum(p.size for g in frozen_heads for p in g.node.parameters):,} weights",),
    )


def _is_trained_by_script(name: str, text: str) -> bool:
    """Whether a script sets `requires_grad` of the module itself, so that it may well be
    trained.
    """
    at = re.escape(name) + r"\b[^\n]*(?:\n[^\n]*){0,2}?"
    return re.search(rf"\b{at}requires_grad(?:_\(\s*(?:True)?\s*\)|\s*=\s*True)", text) is not None


def _is_pretrained(group: Group, class_tree: ModuleTree | None) -> bool:
    """Whether the checkpoint's own class has the module with parameters of the same shapes, so that
    loading fills it (ModernBERT's `head`, which its masked language model has too).
    """
    there = class_tree.find(group.name) if class_tree is not None else None
    if there is None:
        return False
    return [p.shape for p in there.parameters] == [p.shape for p in group.node.parameters]


def _wraps_anything(plan: Plan) -> bool:
    """Whether LoRA is put on anything at all."""
    return bool(plan.wrapped)


def _is_trained(group: Group, plan: Plan) -> bool:
    if any(is_inside(group.name, s.group.name) for s in plan.saved):
        return True
    return any(group.name == w.group.name for w in plan.wrapped)


def _place(context: RuleContext) -> tuple[str | int, ...]:
    for field in ("modules_to_save", "task_type"):
        if context.is_set(field):
            return context.place(field)
    return context.place("target_modules")
