"""The base model is saved in the place of the adapter.

## What
`peft_model = get_peft_model(model, config)`, and later `model.save_pretrained(...)` of the variable
that still holds the base class; or that variable is given to a trainer, which saves it so; or the
attribute `base_model.model` of the wrapper is saved (oobabooga/textgen issue 2668), or its
`base_model`, which hands the call on.

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

from loracheck.rules.support.script_adapters import find_config_call
from loracheck.rules.support.script_calls import (
    SAVES,
    get_call_span,
    get_model_argument,
    is_same_model,
    is_trainer,
    makes_adapter,
    read_calls,
    unwraps_somewhere,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC154"
NAME = "base-model-saved"
SEVERITY = "error"

_INSIDE = frozenset({"base_model", "base_model.model"})
"""Attributes of the wrapper whose `save_pretrained` is that of the base model: the tuner has none
of its own (PEFT 0.21.2 `tuners/tuners_utils.py`, `BaseTuner.__getattr__`).
"""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file that never takes the base model out of the wrapper."""
    script = read_calls(document, "eft")
    if script is None or unwraps_somewhere(document):
        return
    yield from _check_trainers(document, script)
    yield from _check_attributes(document, script)
    for number, save in enumerate(script.uses):
        saves = save.last in SAVES and not save.fails
        wrapper = _find_wrapper(script, number, save.owner) if saves else None
        if wrapper is not None and wrapper.variables:
            yield Hit(
                f"`{save.owner.name}` is the base model with LoRA layers inside: what "
                f"`{save.last}` writes loads with fresh weights there, and is no adapter",
                get_call_span(document, save),
                help=f"save `{wrapper.variables[0]}`",
                spans=((get_call_span(document, wrapper), "the adapter is put on here"),),
            )


def _check_attributes(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every model inside of a wrapper that is saved: `model.base_model.model`."""
    for number, save in enumerate(script.uses):
        root, _, path = save.owner.path.removeprefix("<local>.").partition(".")
        if save.last not in SAVES or path not in _INSIDE or save.fails:
            continue
        makers = [one for one in script.assigned.get(root, ()) if one.number < number]
        if makers and makes_adapter(makers[-1]) and _has_inside(script, makers[-1], path):
            yield Hit(
                "the model inside of the wrapper has LoRA layers inside: what is saved loads with "
                "fresh weights there, and nothing is merged",
                get_call_span(document, save),
                help=f"write `{root}.merge_and_unload()` and save what it gives back",
                spans=((get_call_span(document, makers[-1]), "the adapter is put on here"),),
            )


def _has_inside(script: Script, maker: Use, path: str) -> bool:
    """Whether LoRA's layers are in what an attribute gives: `base_model` of an adapter that only
    makes prompts is the base model as it was.
    """
    config = find_config_call(script, maker) if maker.last == "get_peft_model" else None
    return path != "base_model" or (config is not None and config.last == "LoraConfig")


def _check_trainers(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every trainer that is given the base model, and trains."""
    for number, use in enumerate(script.uses):
        model = get_model_argument(use) if is_trainer(use) and not use.fails else None
        trains = any(one.last == "train" for one in script.methods.get(number, ()))
        if model is None or not trains or "peft_config" in use.arguments:
            continue
        wrapper = _find_wrapper(script, number, model)
        if wrapper is not None and wrapper.variables:
            yield Hit(
                f"`{model.name}` is the base model with LoRA layers inside: the checkpoints of "
                "this trainer load with fresh weights there, and are no adapters",
                get_call_span(document, use),
                help=f"give it `{wrapper.variables[0]}`",
                spans=((get_call_span(document, wrapper), "the adapter is put on here"),),
            )


def _find_wrapper(script: Script, number: int, model: Operand) -> Use | None:
    """The call before number `number` that has put an adapter on a variable, and whose result went
    to another one.
    """
    here = script.uses[number]
    return next(
        (
            one
            for one in script.by_name.get("get_peft_model", ())
            if one.number < number
            and makes_adapter(one)
            and one.scope == here.scope
            and one.variables
            and model.name not in one.variables
            and is_same_model(get_model_argument(one), model)
        ),
        None,
    )
