"""A model that is spread over the GPUs while several processes train it.

## What
`from_pretrained(..., device_map=...)` in a script that runs under DeepSpeed's ZeRO stage 3; or
`device_map="auto"` in one that a command beside it, or `notebook_launcher`, starts with several
processes, and that trains the model with a trainer or an Accelerator. A warning where the training
arguments name DeepSpeed and the number of GPUs is not known.

## Why
ZeRO-3 splits the model itself: `from_pretrained` stops with ValueError, "DeepSpeed Zero-3 is not
compatible with passing a `device_map`", once the training arguments or the Accelerator are made.
Where every process is to train a whole model, `"auto"` spreads it over all GPUs that the process
sees, and accelerate stops with "You can't train a model that has been loaded with
`device_map='auto'` in any distributed mode". Seen in jiangxinyang227/LLM-tuning issue 10,
shibing624/MedicalGPT issue 477, huggingface/peft issue 306, huggingface/accelerate issue 2682 and
QwenLM/Qwen issue 936.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
args = TrainingArguments("out", deepspeed={"zero_optimization": {"stage": 3}})
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", device_map="auto")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
trainer = Trainer(model=model, args=args, train_dataset=None)
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
args = TrainingArguments("out", deepspeed={"zero_optimization": {"stage": 3}})
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
trainer = Trainer(model=model, args=args, train_dataset=None)
```

## Fix
Leave `device_map` out: accelerate and DeepSpeed place the model. A model in 4 or 8 bits is placed
with `device_map={"": PartialState().local_process_index}`, without ZeRO-3.

## Source
transformers 5.24.0 `integrations/accelerate.py` (`check_and_set_device_map`), 4.49.0
`modeling_utils.py` (`from_pretrained`); accelerate 1.15.0 `accelerator.py` (`prepare`,
`verify_device_map`), `utils/dataclasses.py` (`set_deepspeed_weakref`).
"""

from __future__ import annotations

from loracheck.documents.python.training_calls import makes_training_arguments
from loracheck.rules.support.launches import Launch, find_launch, splits_model
from loracheck.rules.support.script_calls import (
    find_load,
    get_call_span,
    get_model_argument,
    is_model_load,
    is_trainer,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC140"
NAME = "placed-in-distributed-run"
SEVERITY = "error"

_SPREADS = frozenset({"auto", "balanced", "balanced_low_0"})
"""Values of `device_map` that use every GPU there is (accelerate 1.15.0 `get_balanced_memory`)."""

_PARSERS = frozenset({"parse_args_into_dataclasses", "parse_args_and_config"})
"""Methods that make the training arguments out of a command's options."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such load; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every model of a script that is placed where it must not be."""
    script = read_calls(document, "device_map", "eft")
    loads = [
        use
        for use in (script.uses if script is not None else ())
        if is_model_load(use) and not use.fails and "device_map" in use.arguments
    ]
    if script is None or not loads:
        return
    launch = _find_launcher(script) or find_launch(document)
    for load in loads:
        value = load.arguments["device_map"].value
        arguments = _find_splitting_arguments(document, script, load, launch)
        if value is not None and arguments is not None:
            yield _build_split_hit(document, load, arguments, launch)
        elif isinstance(value, str) and value in _SPREADS and _is_trained(script, load):
            yield from _check_processes(document, script, load, launch)


def _find_launcher(script: Script) -> Launch | None:
    """What `notebook_launcher` of accelerate says, where the script calls it once."""
    calls = script.by_name.get("notebook_launcher", ())
    count = calls[0].arguments.get("num_processes", calls[0].arguments.get(2)) if calls else None
    if len(calls) != 1 or calls[0].fails or count is None or type(count.value) is not int:
        return None
    return Launch(count.value, False, "notebook_launcher")


def _build_split_hit(document: Document, load: Use, arguments: Use, launch: Launch) -> Hit:
    """The hit for a load under ZeRO-3."""
    said = f"by {launch.file}" if launch.splits else "by its training arguments"
    return Hit(
        f"`device_map` under DeepSpeed's ZeRO-3, which splits the model itself ({said}): "
        "ValueError",
        get_call_span(document, load),
        help="leave device_map out, or train with ZeRO stage 2",
        spans=((get_call_span(document, arguments), "ZeRO-3 is on from here"),),
    )


def _check_processes(
    document: Document, script: Script, load: Use, launch: Launch
) -> Iterator[Hit]:
    """A hit for a model that is spread over the GPUs of several processes."""
    spread = f'`device_map="{load.arguments["device_map"].value}"` spreads the model over the GPUs'
    if launch.processes > 1:
        yield Hit(
            f"{spread}, and {launch.file} starts {launch.processes} processes that each train a "
            "whole one: ValueError",
            get_call_span(document, load),
            help="leave device_map out, or start the script with one process",
        )
        return
    for use in script.uses:
        own = use.arguments.get("deepspeed") if makes_training_arguments(use.name) else None
        if own is not None and own.value and isinstance(own.value, (str, dict)) and not use.fails:
            yield Hit(
                f"{spread}, and DeepSpeed trains a whole one in each process: ValueError with more "
                "than one GPU",
                get_call_span(document, load),
                help="leave device_map out",
                severity="warning",
                spans=((get_call_span(document, use), "DeepSpeed is asked for here"),),
            )
            return


def _find_splitting_arguments(
    document: Document, script: Script, load: Use, launch: Launch
) -> Use | None:
    """The call before a load by which ZeRO-3 is switched on, for certain."""
    for use in script.uses[: load.number]:
        if use.fails or use.scope != load.scope:
            continue
        if makes_training_arguments(use.name):
            own = use.arguments.get("deepspeed")
            if own is not None and splits_model(document, own.value):
                return use
            if own is None and launch.splits:
                return use
        elif launch.splits and (use.last in _PARSERS or use.name == "accelerate.Accelerator"):
            return use
    return None


def _is_trained(script: Script, load: Use) -> bool:
    """Whether a trainer of transformers or TRL, or an Accelerator, is given the loaded model."""
    for use in script.uses:
        package = use.name.partition(".")[0]
        trains = is_trainer(use) and package in ("transformers", "trl") and not use.fails
        given = [get_model_argument(use)] if trains else []
        if use.last == "prepare" and not use.fails:
            given = list(use.arguments.values())
        if any(find_load(script, one) is load for one in given):
            return True
    return False
