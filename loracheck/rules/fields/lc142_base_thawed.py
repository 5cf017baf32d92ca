"""Every parameter of a model with its adapter is set to be trained.

## What
`for parameter in model.parameters(): parameter.requires_grad = True`, or
`model.requires_grad_(True)`, on what `get_peft_model` has given back; the model is trained, and
saved with `save_pretrained`, `push_to_hub` or by its trainer.

## Why
The base model is trained in full beside the adapter, with the memory that this takes. What is
saved is the adapter alone: loaded on the base model as it was, it has lost its other half. The
first mistake of
https://ttsugriy.github.io/llm-first-principles/stages/stage-09/common-mistakes.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
for parameter in model.parameters():
    parameter.requires_grad = True
trainer = Trainer(model=model, train_dataset=None)
trainer.train()
model.save_pretrained("out")
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
trainer = Trainer(model=model, train_dataset=None)
trainer.train()
model.save_pretrained("out")
```

## Fix
Take the lines out: `get_peft_model` leaves the adapter to be trained. Modules that are to be
trained in full stand in `modules_to_save`, and are saved with the adapter.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`get_peft_model_state_dict`), `tuners/tuners_utils.py`
(`_mark_only_adapters_as_trainable`).
"""

from __future__ import annotations

from loracheck.rules.support.frozen_parameters import find_thaws, is_trained
from loracheck.rules.support.script_calls import (
    find_source_call,
    get_call_span,
    makes_adapter,
    read_calls,
    unwraps_somewhere,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC142"
NAME = "base-thawed"
SEVERITY = "warning"

_SAVES = ("save_pretrained(", "push_to_hub", ".save_model(", ".train(")
_SAVES_ALL = ("torch.save(", "state_dict(", "save_file(", "save_checkpoint(")
"""What may save the base model, too."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such loop; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for everything that thaws a model with its adapter before it is trained."""
    text = document.text
    script = read_calls(document, "requires_grad", "get_peft_model")
    if script is None or not any(word in text for word in _SAVES):
        return
    if any(word in text for word in _SAVES_ALL) or unwraps_somewhere(document):
        return
    for use in find_thaws(document, script):
        maker = find_source_call(script, use.owner)
        if maker is None or maker.last != "get_peft_model" or not makes_adapter(maker):
            continue
        if is_trained(script, use):
            yield Hit(
                "every parameter is to be trained here, the base model's too: what that learns is "
                "lost, as the adapter alone is saved",
                get_call_span(document, use),
                help="take it out: get_peft_model leaves the adapter to be trained",
                spans=((get_call_span(document, maker), "the adapter is put on here"),),
            )
