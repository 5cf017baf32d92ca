"""A model whose adapter is merged before it is trained.

## What
A trainer of transformers or TRL gets what `merge_and_unload` or `unload` gave back of a model that
PEFT has put its adapter on in the same file, without a further adapter, and its `train` is called.

## Why
PEFT freezes the base model as it puts the adapter on, and merging takes the adapter's layers away
and thaws nothing: RuntimeError, "element 0 of tensors does not require grad and does not have a
grad_fn".

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config).merge_and_unload()
trainer = Trainer(model, TrainingArguments("out"), train_dataset=data)
trainer.train()
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
trainer = Trainer(model, TrainingArguments("out"), train_dataset=data)
trainer.train()
model = model.merge_and_unload()
```

## Fix
Merge behind the training; to train on with a merged adapter put a new one on the merged model.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (BaseTuner._unload_and_optionally_merge), run with a Trainer of
transformers 5.24.0.
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import (
    find_source_call,
    get_call_span,
    get_model_argument,
    is_trainer,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC128"
NAME = "merged-before-training"
SEVERITY = "error"

_THAWS = ("requires_grad", "add_adapter", "load_adapter", "unfreeze")
"""Words of a file that may make something trainable again."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every trainer of a file that gets a merged model to train."""
    script = read_calls(document, "Trainer(", "unload(", ".train(")
    if script is None or any(word in document.source for word in _THAWS):
        return
    for use in script.uses:
        if not is_trainer(use) or use.fails or not use.complete or "peft_config" in use.arguments:
            continue
        merge = find_source_call(script, get_model_argument(use))
        if merge is None or merge.last not in ("merge_and_unload", "unload"):
            continue
        maker = find_source_call(script, merge.owner)
        trains = any(one.last == "train" for one in script.methods.get(use.number, ()))
        if maker is not None and makes_adapter(maker) and trains:
            yield _build_hit(document, use, merge)


def _build_hit(document: Document, use: Use, merge: Use) -> Hit:
    return Hit(
        f"`{use.last}` gets the model that `{merge.last}` gave back, of which nothing can be "
        "trained: the base model is frozen, and the adapter is gone: RuntimeError",
        get_call_span(document, use),
        help=f"call {merge.last} behind the training, or put a new adapter on the merged model",
        spans=((get_call_span(document, merge), f"{merge.last} is called here"),),
    )
