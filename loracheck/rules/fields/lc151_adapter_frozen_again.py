"""`prepare_model_for_kbit_training` after the adapter was put on.

## What
The model that `prepare_model_for_kbit_training` is given has its adapter already: it comes from
`get_peft_model`, or from `PeftModel.from_pretrained` with `is_trainable=True`.

## Why
The function freezes every parameter of what it is given. Before `get_peft_model` these are the base
model's; after it they are the adapter's too, and nothing is left to train: the run ends with "
""element
0 of tensors does not require grad", or without an error and without an effect. Executed: 0
trainable parameters. Seen in https://github.com/huggingface/trl/pull/4081, where a trainer did it.

## Bad
```python
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", load_in_8bit=True)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model = prepare_model_for_kbit_training(model)
```

## Good
```python
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", load_in_8bit=True)
model = prepare_model_for_kbit_training(model)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Fix
Prepare the model first, then put the adapter on it.

## Source
PEFT 0.21.2 `utils/other.py` (`prepare_model_for_kbit_training`: `param.requires_grad = False` for
every parameter), executed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.rules.support.script_calls import makes_adapter, model_given, read_calls, span_of
from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC151"
NAME = "adapter-frozen-again"
SEVERITY = "error"

_PREPARES = ("prepare_model_for_kbit_training", "prepare_model_for_int8_training")
_THAWS = "requires_grad"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file."""
    script = read_calls(document, "prepare_model_for_", "eft")
    if script is None or _THAWS in document.text:
        return
    for use in script.uses:
        model = model_given(use)
        if use.last not in _PREPARES or model is None or model.made_by < 0 or use.fails:
            continue
        maker = script.uses[model.made_by]
        if makes_adapter(maker) and _trains(maker):
            yield Hit(
                f"`{use.last}` freezes every parameter, also those of the adapter that "
                f"`{maker.name.removeprefix('peft.')}` has put on: nothing is left to train",
                span_of(document, use),
                help=f"call {use.last} before {maker.last}",
                spans=((span_of(document, maker), "the adapter is put on here"),),
            )


def _trains(maker: Use) -> bool:
    """Whether a call puts an adapter on that can be trained: a loaded one is frozen anyway."""
    trainable = maker.given.get("is_trainable")
    return maker.last == "get_peft_model" or (trainable is not None and trainable.value is True)
