"""An adapter whose dropout is left on while the model is only asked.

## What
A script that trains nothing, generates or predicts under `torch.no_grad()`, and never calls
`eval()` behind one of these: `PeftModel.from_pretrained(..., is_trainable=True)`; `get_peft_model`
with `lora_dropout`, where trained weights are then put in; `load_adapter` of a model of
transformers older than 4.47. A note where the adapter's dropout is not known.

## Why
The layers of LoRA begin in training mode, whatever mode the base model is in. With `lora_dropout`
each call then leaves out other parts of the adapter: the same input gives another output every
time, and at times that of the base model. Seen in huggingface/peft issue 2438, huggingface/peft
issue 3753 and huggingface/transformers issue 34469.

## Bad
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj"], lora_dropout=0.1, task_type="CAUSAL_LM")
get_peft_model(base, config).save_pretrained("out")
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(base, "out", is_trainable=True)
print(model.generate(**inputs))
```

## Good
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj"], lora_dropout=0.1, task_type="CAUSAL_LM")
get_peft_model(base, config).save_pretrained("out")
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(base, "out")
print(model.generate(**inputs))
```

## Fix
Leave `is_trainable=True` out, or call `model.eval()` once the adapter is on.

## Source
PEFT 0.21.2 `peft_model.py` (`load_adapter`: `if not is_trainable: self.eval()`),
`tuners/lora/layer.py` (`update_layer`); transformers `integrations/peft.py` (`load_adapter`) of
4.46.3, which has no such call, and 4.47.0.
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import is_adapter_load
from loracheck.rules.support.local_folders import read_local_adapter
from loracheck.rules.support.script_calls import (
    find_bare_load,
    get_call_span,
    makes_adapter,
    read_calls,
)
from loracheck.rules.support.script_releases import is_older
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC143"
NAME = "dropout-left-on"
SEVERITY = "warning"

_ASKS = (".generate(", "no_grad(", "inference_mode(")
_TRAINS = ("Trainer", "backward(", ".train(", "optim", ".step(", "set_adapter(", "for_inference")
"""A file with one of these may train the adapter, or switches modes in another way."""

_PUTS_IN = ("set_peft_model_state_dict", "load_state_dict")
_EVALUATES_SINCE = "4.47.0"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such adapter; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every adapter of a file whose dropout is left on."""
    text, script = document.text, read_calls(document, "eft")
    if script is None or not any(word in text for word in _ASKS):
        return
    if any(word in text for word in _TRAINS):
        return
    for use in script.uses:
        found = _find_cause(document, script, use) if not use.fails else None
        if found is None or _evaluates(script, use):
            continue
        cause, mend = found
        dropout = _find_dropout(document, script, use)
        if dropout == 0 or (dropout is None and use.last == "get_peft_model"):
            continue
        size = (
            f"lora_dropout={dropout}" if dropout is not None else "the adapter's dropout, if any,"
        )
        yield Hit(
            f"{cause} leaves the adapter in training mode: {size} is applied, and each call gives "
            "another output",
            get_call_span(document, use),
            help=mend,
            severity=None if dropout is not None else "note",
        )


def _find_cause(document: Document, script: Script, use: Use) -> tuple[str, str] | None:
    """What leaves the dropout on, and what to do; None for any other call."""
    evaluate = "call model.eval() behind it"
    if is_adapter_load(use.name):
        trainable = use.arguments.get("is_trainable", use.arguments.get(3))
        is_on = trainable is not None and trainable.value is True
        return ("is_trainable=True", f"leave is_trainable out, or {evaluate}") if is_on else None
    if use.last == "get_peft_model" and makes_adapter(use):
        given = any(
            one.number > use.number and one.scope == use.scope
            for name in _PUTS_IN
            for one in script.by_name.get(name, ())
        )
        return ("get_peft_model", evaluate) if given else None
    if use.last != "load_adapter" or find_bare_load(script, use.owner) is None:
        return None
    older = is_older(document, "transformers", _EVALUATES_SINCE)
    return ("load_adapter of a transformers before 4.47", evaluate) if older else None


def _evaluates(script: Script, use: Use) -> bool:
    """Whether a model is put into evaluation mode behind a call."""
    return any(
        one.number > use.number or one.owner.call_number == use.number
        for one in script.by_name.get("eval", ())
    )


def _find_dropout(document: Document, script: Script, use: Use) -> float | None:
    """The adapter's `lora_dropout`: that of the folder which is loaded, or of the file's only
    LoraConfig; None where it is not known.
    """
    folder = use.arguments.get(0 if use.last == "load_adapter" else 1)
    config = read_local_adapter(document, folder.value) if folder is not None else None
    if config is not None:
        value: object = config.get("lora_dropout", 0)
    else:
        made = script.by_name.get("LoraConfig", ())
        if len(made) != 1 or not made[0].complete:
            return None
        own = made[0].arguments.get("lora_dropout")
        value = own.value if own is not None else 0
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
