"""A quantised model with an adapter that is compiled before the trainer gets it.

## What
`torch.compile(model)` of a model in 4 or 8 bits with its adapter, and the result as the model of a
trainer of transformers or TRL.

## Why
`torch.compile` gives back a wrapper of its own, in which the trainer sees no PEFT model: it stops
with ValueError, "You cannot fine-tune quantized model with `torch.compile()`", once the model is
loaded. Seen in huggingface/transformers issue 29033.

## Bad
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Trainer, TrainingArguments
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("facebook/opt-350m", quantization_config=bits)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model = torch.compile(model)
trainer = Trainer(model=model, args=TrainingArguments("out"), train_dataset=None)
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Trainer, TrainingArguments
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("facebook/opt-350m", quantization_config=bits)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
trainer = Trainer(model=model, args=TrainingArguments("out"), train_dataset=None)
```

## Fix
Give the trainer the model that `get_peft_model` gives back. `torch_compile=True` among the training
arguments compiles it after the trainer's own check.

## Source
transformers 5.24.0 `trainer_utils.py` (`validate_quantization_for_training`), executed with the
wrapper of torch 2.13.0 around a PeftModel whose base says that it is quantised.
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import HANDS_BACK, KEEPS_OWNER
from loracheck.rules.support.script_calls import (
    MAX_CHAIN,
    find_bits_option,
    find_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC189"
NAME = "compiled-quantized-model"
SEVERITY = "error"

_TRAINERS = frozenset(
    {"transformers.Trainer", "transformers.Seq2SeqTrainer", "trl.SFTTrainer", "trl.DPOTrainer"}
)


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    document = context.document
    script = read_calls(document, "compile(", "load_in_") if context.first else None
    for use in script.uses if script is not None else ():
        if (
            script is None
            or use.name not in _TRAINERS
            or use.fails
            or "peft_config" in use.arguments
        ):
            continue
        compiled = _find_compile(script, get_model_argument(use))
        wrapped = get_model_argument(compiled) if compiled is not None else None
        load = find_load(script, wrapped)
        if compiled is None or load is None or find_bits_option(script, load) is None:
            continue
        if not _has_adapter(script, wrapped):
            continue
        yield Hit(
            f"`{use.last}` is given a quantised model that torch.compile has wrapped: ValueError",
            get_call_span(document, use),
            help="leave torch.compile out, or write torch_compile=True among the training "
            "arguments",
            spans=(
                (get_call_span(document, compiled), "compiled here"),
                (get_call_span(document, load), "loaded here in 4 or 8 bits"),
            ),
        )


def _find_compile(script: Script, operand: Operand | None) -> Use | None:
    """The `torch.compile` whose result a model is, for certain."""
    use = find_source_call(script, operand)
    return use if use is not None and use.name == "torch.compile" else None


def _has_adapter(script: Script, operand: Operand | None) -> bool:
    """Whether PEFT's wrapper is on a model."""
    for _ in range(MAX_CHAIN):
        use = find_source_call(script, operand)
        if use is None or makes_adapter(use):
            return use is not None
        handed = get_model_argument(use) if use.last in HANDS_BACK else None
        operand = use.owner if use.last in KEEPS_OWNER else handed
    return False
