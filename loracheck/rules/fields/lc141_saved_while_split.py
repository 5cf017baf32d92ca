"""An adapter that is saved while DeepSpeed's ZeRO-3 has its weights split.

## What
- `accelerator.unwrap_model(model).save_pretrained(folder)` without `state_dict`, in a script that
  trains a PEFT model under ZeRO stage 3: by its own `DeepSpeedPlugin`, or by accelerate's
  configuration that the command beside it names;
- `model.save_pretrained(folder)` or `trainer.model.save_pretrained(folder)` behind a Trainer whose
  `deepspeed=` has ZeRO stage 3 (a warning).

## Why
Under ZeRO-3 each process keeps a part of every weight, and what stands in the model in between is
an empty tensor. `save_pretrained` writes these: the adapter's file has a few kilobytes, and loading
it ends with "size mismatch ... torch.Size([0])". Seen in huggingface/peft issue 2500,
huggingface/accelerate issue 3508 and zjunlp/KnowUnDo issue 3. DeepSpeed keeps small weights whole
(`stage3_param_persistence_threshold`), which those of a small rank may be.

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
With a Trainer write `trainer.save_model(folder)`, which gathers the weights. Otherwise call
`accelerator.get_state_dict(model)` in every process, which gathers them too, and give the result to
`save_pretrained` as `state_dict`.

## Source
PEFT 0.21.2 `peft_model.py` (`save_pretrained`: `get_peft_model_state_dict(self,
state_dict=kwargs.get("state_dict"))`); accelerate 1.15.0 `accelerator.py` (`get_state_dict`);
transformers 5.24.0 `trainer.py` (`save_model`); the guide to DeepSpeed in PEFT's documentation.
"""

from __future__ import annotations

from loracheck.rules.support.launches import find_launch, splits_model
from loracheck.rules.support.script_calls import (
    find_source_call,
    find_trained_model,
    get_call_span,
    get_model_argument,
    is_same_model,
    is_trainer,
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
    script = read_calls(document, "save_pretrained(", "peft")
    if script is None or "GatheredParameters" in document.source:
        return
    yield from _check_trainers(document, script)
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


def _check_trainers(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every adapter that is saved past a trainer which splits it."""
    for number, trainer in enumerate(script.uses):
        options = find_source_call(script, trainer.arguments.get("args"))
        config = options.arguments.get("deepspeed") if options and is_trainer(trainer) else None
        if config is None or not splits_model(document, config.value):
            continue
        trained = [one for one in script.methods.get(number, ()) if one.last == "train"]
        for use in script.by_name.get("save_pretrained", ()) if trained else ():
            if use.number > trained[0].number and _saves_trained(script, use, trainer):
                yield Hit(
                    "the trainer's ZeRO-3 splits every weight, and save_pretrained writes what "
                    "this process holds: empty tensors for all but the small ones",
                    get_call_span(document, use),
                    help="write trainer.save_model(folder), which gathers the weights",
                    severity="warning",
                )


def _saves_trained(script: Script, use: Use, trainer: Use) -> bool:
    """Whether a call saves the adapter that a trainer has trained, as it stands in the model."""
    model = get_model_argument(trainer)
    maker = find_source_call(script, model)
    adapts = "peft_config" in trainer.arguments or (maker is not None and makes_adapter(maker))
    saved = find_trained_model(script, use.owner)
    same = is_same_model(use.owner, model) or (
        saved is not None and model is not None and saved == model
    )
    return adapts and same and use.complete and "state_dict" not in use.arguments and not use.fails


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
