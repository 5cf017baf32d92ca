"""An adapter that is saved while DeepSpeed's ZeRO-3 has its weights split.

## What
`accelerator.unwrap_model(model).save_pretrained(folder)` without `state_dict`, in a script that
trains a PEFT model under ZeRO stage 3: by its own `DeepSpeedPlugin`, or by accelerate's
configuration that the command beside it names.

## Why
Under ZeRO-3 each process keeps a part of every weight, and what stands in the model in between is
an empty tensor. `save_pretrained` writes these: the adapter's file has a few kilobytes, and loading
it ends with "size mismatch ... torch.Size([0])". Seen in huggingface/peft issue 2500,
huggingface/accelerate issue 3508 and zjunlp/KnowUnDo issue 3.

## Bad
```python
from accelerate import Accelerator, DeepSpeedPlugin
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
accelerator = Accelerator(deepspeed_plugin=DeepSpeedPlugin(zero_stage=3))
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model = accelerator.prepare(model)
accelerator.unwrap_model(model).save_pretrained("out")
```

## Good
```python
from accelerate import Accelerator, DeepSpeedPlugin
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
accelerator = Accelerator(deepspeed_plugin=DeepSpeedPlugin(zero_stage=3))
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model = accelerator.prepare(model)
weights = accelerator.get_state_dict(model)
accelerator.unwrap_model(model).save_pretrained("out", state_dict=weights)
```

## Fix
Call `accelerator.get_state_dict(model)` in every process, which gathers the weights, and give the
result to `save_pretrained` as `state_dict`.

## Source
PEFT 0.21.2 `peft_model.py` (`save_pretrained`: `get_peft_model_state_dict(self,
state_dict=kwargs.get("state_dict"))`); accelerate 1.15.0 `accelerator.py` (`get_state_dict`); the
guide to DeepSpeed in PEFT's documentation.
"""

from __future__ import annotations

from loracheck.rules.support.launches import find_launch
from loracheck.rules.support.script_calls import (
    find_source_call,
    get_call_span,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC141"
NAME = "saved-while-split"
SEVERITY = "error"

_STAGE = 3


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such save; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every adapter of a file that is saved in parts."""
    script = read_calls(document, "unwrap_model", "save_pretrained(", "peft")
    if script is None or "GatheredParameters" in document.source:
        return
    saves = [
        use for use in script.by_name.get("save_pretrained", ()) if _saves_as_it_is(script, use)
    ]
    if not saves or not any(makes_adapter(use) for use in script.uses):
        return
    said = _find_reason(document, script)
    for use in saves if said else ():
        yield Hit(
            f"{said}: what stands in the model is empty tensors, and the adapter is saved so",
            get_call_span(document, use),
            help="give it state_dict=accelerator.get_state_dict(model), which is called in every "
            "process",
        )


def _saves_as_it_is(script: Script, use: Use) -> bool:
    """Whether a call saves an unwrapped model with the weights that stand in it."""
    source = find_source_call(script, use.owner)
    return (
        source is not None
        and source.last == "unwrap_model"
        and use.complete
        and "state_dict" not in use.arguments
        and not use.fails
    )


def _find_reason(document: Document, script: Script) -> str:
    """What says that ZeRO-3 splits the model; "" where nothing does for certain."""
    plugins = script.by_name.get("DeepSpeedPlugin", ())
    stages = [use.arguments["zero_stage"].value for use in plugins if "zero_stage" in use.arguments]
    if stages and all(stage == _STAGE for stage in stages):
        return "ZeRO-3 of this DeepSpeedPlugin splits every weight"
    launch = find_launch(document) if document.format == "python" and not plugins else None
    if launch is None or not launch.splits:
        return ""
    return f"{launch.file} starts the script under ZeRO-3, which splits every weight"
