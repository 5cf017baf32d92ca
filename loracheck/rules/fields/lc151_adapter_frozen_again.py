"""Every parameter is frozen after the adapter was put on.

## What
A loop over the parameters of a model that has its adapter sets `requires_grad = False` for each, or
`requires_grad_(False)` does, and a trainer or an optimiser gets the model. Or
`prepare_model_for_kbit_training` is given a model that has its adapter already: it comes from
`get_peft_model`, or from `PeftModel.from_pretrained` with `is_trainable=True`. TRL 0.20.0 to 0.23.0
call the function themselves on a model in 4 or 8 bits that is given to SFTTrainer with its adapter;
that is told where the project's pins name one of them.

## Why
PEFT freezes the base model when it puts the adapter on; what is frozen after that is the adapter
too. `prepare_model_for_kbit_training` freezes every parameter of what it is given as well, and
nothing is left to train: the run ends with "element 0 of tensors does not require grad", or without
an error and without an effect. Executed: 0 trainable parameters. Seen in huggingface/trl issue
3926, where the trainer did it.

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
every parameter), executed. TRL 0.21.0 `trl/trainer/sft_trainer.py` (`_prepare_peft_model`), TRL
0.23.0 `trl/models/utils.py` (`prepare_peft_model`); 0.23.1 looks whether the model has an adapter.
"""

from __future__ import annotations

from loracheck.releases.pin_checks import is_pinned_within
from loracheck.rules.support.frozen_parameters import find_freezes, is_trained
from loracheck.rules.support.script_calls import (
    find_bits_option,
    find_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    makes_adapter,
    read_calls,
)
from loracheck.rules.support.script_releases import installs, pins_itself
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

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
_FREEZING_TRL = ">=0.20.0,<0.23.1"
"""Releases of TRL whose SFTTrainer prepares a quantised model that has its adapter already."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file."""
    yield from _check_trainers(document)
    yield from _check_loops(document)
    script = read_calls(document, "prepare_model_for_", "eft")
    if script is None or _THAWS in document.source:
        return
    for use in script.uses:
        model = get_model_argument(use)
        if use.last not in _PREPARES or model is None or model.call_number < 0 or use.fails:
            continue
        maker = script.uses[model.call_number]
        if makes_adapter(maker) and _trains(maker):
            yield Hit(
                f"`{use.last}` freezes every parameter, also those of the adapter that "
                f"`{maker.name.removeprefix('peft.')}` has put on: nothing is left to train",
                get_call_span(document, use),
                help=f"call {use.last} before {maker.last}",
                spans=((get_call_span(document, maker), "the adapter is put on here"),),
            )


def _check_loops(document: Document) -> Iterator[Hit]:
    """One hit for everything that freezes a model with its adapter before it is trained."""
    script = read_calls(document, "eft", "requires_grad")
    if script is None:
        return
    for use in find_freezes(document, script):
        maker = find_source_call(script, use.owner)
        if (
            maker is not None
            and makes_adapter(maker)
            and _trains(maker)
            and is_trained(script, use)
        ):
            yield Hit(
                "every parameter is frozen here, also those of the adapter that "
                f"`{maker.name.removeprefix('peft.')}` has put on: nothing is left to train",
                get_call_span(document, use),
                help=f"take it out: {maker.last} freezes the base model by itself",
                spans=((get_call_span(document, maker), "the adapter is put on here"),),
            )


def _check_trainers(document: Document) -> Iterator[Hit]:
    """One hit for every SFTTrainer that freezes the adapter of the model that it is given."""
    script = read_calls(document, "get_peft_model", "SFTTrainer(")
    for use in script.uses if script is not None else ():
        model = get_model_argument(use) if use.name == "trl.SFTTrainer" else None
        if (
            script is None
            or model is None
            or model.call_number < 0
            or "peft_config" in use.arguments
        ):
            continue
        maker, load = script.uses[model.call_number], find_load(script, model)
        if not makes_adapter(maker) or not _trains(maker) or load is None:
            continue
        pinned = is_pinned_within("trl", document, _FREEZING_TRL)
        own = pins_itself(document, "trl") or not installs(document, "trl")
        if find_bits_option(script, load) is not None and pinned and own:
            yield Hit(
                f"SFTTrainer of TRL {_FREEZING_TRL} freezes every parameter of a model in few "
                "bits, also those of the adapter that it has: nothing is left to train",
                get_call_span(document, use),
                help="give the trainer the model without its adapter, and the config as "
                "peft_config, or use TRL 0.23.1 or newer",
                spans=((get_call_span(document, maker), "the adapter is put on here"),),
            )


def _trains(maker: Use) -> bool:
    """Whether a call puts an adapter on that can be trained: a loaded one is frozen anyway."""
    trainable = maker.arguments.get("is_trainable")
    return maker.last == "get_peft_model" or (trainable is not None and trainable.value is True)
