"""An optimiser that was made before the adapter, and does not have it.

## What
`AdamW(model.parameters())` before `get_peft_model(model, ...)`, where that optimiser takes the
steps of the training.

## Why
`get_peft_model` freezes the weights that the optimiser has been given, and adds LoRA's as new ones,
which it does not know. Every step runs and changes nothing: the loss stays where it was.

## Bad
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
for batch in ():
    model(**batch).loss.backward()
    optimizer.step()
```

## Good
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
for batch in ():
    model(**batch).loss.backward()
    optimizer.step()
```

## Fix
Make the optimiser behind the call that puts the adapter on.

## Source
torch 2.13.0 `optim/optimizer.py` (the parameters are those of the call), PEFT 0.21.2
`tuners/tuners_utils.py` (`_mark_only_adapters_as_trainable`). Executed: no weight changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC184"
NAME = "optimizer-without-adapter"
SEVERITY = "error"

_OPTIMIZERS = compile_when_used(
    r"(?:torch\.optim|transformers|bitsandbytes\.optim)\.\w+|\w*Adam\w*"
)


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such optimiser; the first setting of the file speaks."""
    script = read_calls(context.document, "get_peft_model", ".parameters()", ".step(")
    if script is None or not context.first or "add_param_group" in context.document.text:
        return
    yield from _check_script(context.document, script)


def _check_script(document: Document, script: Script) -> Iterator[Hit]:
    for number, use in enumerate(script.uses):
        if use.last != "get_peft_model" or not makes_adapter(use) or use.fails:
            continue
        load = find_bare_load(script, get_model_argument(use))
        for other in script.uses[:number] if load is not None else ():
            made = other.scope == use.scope and _optimizes(script, other, load)
            if made and len(other.bound or ()) == 1 and _steps_after(script, other, number):
                yield _build_hit(document, other, use)


def _build_hit(document: Document, optimizer: Use, adapter: Use) -> Hit:
    return Hit(
        "the optimiser is made before the adapter is put on: it has the frozen weights and "
        "none of LoRA's, and nothing is trained",
        get_call_span(document, optimizer),
        help="make the optimiser behind get_peft_model",
        spans=((get_call_span(document, adapter), "the adapter is put on here"),),
    )


def _optimizes(script: Script, use: Use, load: Use | None) -> bool:
    """Whether a call makes an optimiser of the parameters of the model that `load` loads."""
    given = find_source_call(script, use.given.get("params", use.given.get(0)))
    if given is None or given.last != "parameters" or not _OPTIMIZERS.fullmatch(use.name):
        return False
    return find_bare_load(script, given.owner) is load


def _steps_after(script: Script, optimizer: Use, number: int) -> bool:
    """Whether `step` of that optimiser is called behind the call `number`."""
    made = script.uses.index(optimizer)
    return any(
        use.last == "step" and use.owner.made_by == made for use in script.uses[number + 1 :]
    )
