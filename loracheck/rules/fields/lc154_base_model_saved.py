"""The base model is saved in the place of the adapter.

## What
`peft_model = get_peft_model(model, config)`, and later `model.save_pretrained(...)` of the variable
that still holds the base class.

## Why
The base model has LoRA layers inside by then. Its own `save_pretrained` writes the whole model,
under names (`q_proj.base_layer.weight`, `q_proj.lora_A.default.weight`) that loading it passes
over: the wrapped layers start at random, and there is no adapter. Executed.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
peft_model = get_peft_model(model, config)
model.save_pretrained("out")
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
peft_model = get_peft_model(model, config)
peft_model.save_pretrained("out")
```

## Fix
Save the model that `get_peft_model` gave back.

## Source
PEFT 0.21.2 `peft_model.py` (`PeftModel.save_pretrained`); transformers 5.24.0 `modeling_utils.py`
(`PreTrainedModel.save_pretrained`), executed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.rules.support.script_calls import (
    SAVES,
    get_call_span,
    get_model_argument,
    is_same_model,
    makes_adapter,
    read_calls,
    unwraps_somewhere,
)
from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC154"
NAME = "base-model-saved"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file that never takes the base model out of the wrapper."""
    script = read_calls(document, "save_pretrained", "get_peft_model")
    if script is None or unwraps_somewhere(document):
        return
    for number, save in enumerate(script.uses):
        wrapper = _find_wrapper(script, number) if save.last in SAVES and not save.fails else None
        if wrapper is not None and wrapper.bound:
            yield Hit(
                f"`{save.owner.name}` is the base model with LoRA layers inside: what "
                f"`{save.last}` writes loads with fresh weights there, and is no adapter",
                get_call_span(document, save),
                help=f"save `{wrapper.bound[0]}`",
                spans=((get_call_span(document, wrapper), "the adapter is put on here"),),
            )


def _find_wrapper(script: Script, number: int) -> Use | None:
    """The call before number `number` that has put an adapter on the variable that is saved, and
    whose result went to another one.
    """
    save = script.uses[number]
    return next(
        (
            one
            for one in script.uses[:number]
            if one.last == "get_peft_model"
            and makes_adapter(one)
            and one.scope == save.scope
            and one.bound
            and save.owner.name not in one.bound
            and is_same_model(get_model_argument(one), save.owner)
        ),
        None,
    )
