"""A `task_type` of another kind of model.

## What
CAUSAL_LM for an encoder-decoder (T5, BART), SEQ_2_SEQ_LM for a decoder, FEATURE_EXTRACTION or a
classification task for a model that generates.

## Why
PEFT chooses its wrapper by it and does not compare it with the model. Training runs, with the wrong
wrapper's `forward` and `generate`; a head that the task would train does not exist. Seen in
huggingface/peft issues 1424 and 1596, ContextualAI/gritlm pull request 21.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForSeq2SeqLM
model = AutoModelForSeq2SeqLM.from_pretrained("google/t5-v1_1-xxl")
config = LoraConfig(r=8, target_modules=["q", "v"], task_type="CAUSAL_LM")
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForSeq2SeqLM
model = AutoModelForSeq2SeqLM.from_pretrained("google/t5-v1_1-xxl")
config = LoraConfig(r=8, target_modules=["q", "v"], task_type="SEQ_2_SEQ_LM")
```

## Fix
Write the task of the model's class; the finding names it.

## Source
PEFT 0.21.2 `peft_model.py`, `mapping.py` (one wrapper class for each task), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_names_plan
from loracheck.rules.support.decoder_inputs import DECODER_INPUTS
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC407"
NAME = "task-of-another-family"
SEVERITY = "note"
GENERATING = ("CAUSAL_LM", "SEQ_2_SEQ_LM")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the task_type is that of the other kind of generating model, or of none."""
    task, plan_and_tree = context.value("task_type"), find_names_plan(context)
    if (
        plan_and_tree is None
        or not isinstance(task, str)
        or "task_type" not in context.setting.places
    ):
        return
    tree = plan_and_tree[1]
    right = _find_right_task(tree)
    if right is None or task == right:
        return
    if task in GENERATING or (task == "FEATURE_EXTRACTION" and context.setting.class_given):
        kind = "encoder-decoder" if right == "SEQ_2_SEQ_LM" else "decoder"
        yield Hit(
            f"{tree.cls} is {'an' if kind[0] == 'e' else 'a'} {kind} that generates; task_type "
            f"{task} takes it for something else",
            context.place("task_type"),
            help=f"write {right}",
            field="task_type",
        )


def _find_right_task(tree: ModuleTree) -> str | None:
    """The task of a model that generates text; None for other models and for speech and vision
    models.
    """
    if not tree.generates or tree.output_embeddings is None or tree.model_type in DECODER_INPUTS:
        return None
    if dict(tree.extra).get("is_encoder_decoder"):
        return "SEQ_2_SEQ_LM"
    return "CAUSAL_LM" if (tree.cls or "").endswith(("ForCausalLM", "LMHeadModel")) else None
