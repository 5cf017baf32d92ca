"""`get_peft_model` on a model that has come out of `get_peft_model`.

## What
The model that a call of PEFT's `get_peft_model` is given is the result of an earlier one, and
nothing in the file unloads or merges the first adapter.

## Why
PEFT warns ("You are trying to modify a model with PEFT for a second time") and wraps the wrapper.
The first adapter stays in the layers with its old settings; what is saved has names that begin with
`base_model.model.base_model.model`, which fit no base model. Executed. Seen in huggingface/peft
issue 2295.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"]))
model = get_peft_model(model, LoraConfig(r=16, target_modules=["q_proj", "v_proj"]))
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=16, target_modules=["q_proj", "v_proj"]))
```

## Fix
Load the base model again, or call `model = model.unload()` first. For a second adapter beside the
first use `model.add_adapter(name, config)`.

## Source
PEFT 0.21.2 `mapping_func.py` (`get_peft_model`), `tuners/tuners_utils.py` (`BaseTuner.__init__`),
executed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.rules.support.script_calls import (
    get_call_span,
    get_model_argument,
    makes_adapter,
    read_calls,
    unwraps_somewhere,
)
from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC168"
NAME = "adapter-put-on-twice"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every second call; the first setting of the file speaks."""
    document = context.document
    script = read_calls(document, "get_peft_model(") if context.first else None
    if script is None or unwraps_somewhere(document):
        return
    if "base_model.model" in document.text:  # the wrapper's own names: it is meant
        return
    for use in script.uses:
        if use.last != "get_peft_model" or not makes_adapter(use) or use.fails:
            continue
        given = get_model_argument(use)
        first = script.uses[given.made_by] if given is not None and given.made_by >= 0 else None
        if first is use:  # a part of a script, whose model another part loads
            continue
        if first is not None and first.last == "get_peft_model" and makes_adapter(first):
            yield Hit(
                "the model has an adapter already: PEFT wraps the wrapper, and what is saved fits "
                "no base model",
                get_call_span(document, use),
                help="load the base model again, or write model = model.unload() before it; for a "
                "second adapter use model.add_adapter(name, config)",
                spans=((get_call_span(document, first), "the first adapter"),),
            )
