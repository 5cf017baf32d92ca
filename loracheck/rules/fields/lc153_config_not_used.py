"""A LoraConfig that is made and never used, in a script that trains.

## What
The variable that a `LoraConfig(...)` is assigned to is read nowhere in the file, and the file
makes a trainer and trains.

## Why
`peft_config=` was forgotten, or belongs to another trainer: the whole model is trained, or a
quantised one refuses to be. Nothing says that the config had no effect.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import SFTTrainer
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
trainer = SFTTrainer(model=model, train_dataset=None)
trainer.train()
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import SFTTrainer
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
trainer = SFTTrainer(model=model, train_dataset=None, peft_config=config)
trainer.train()
```

## Fix
Give the config to the trainer (`peft_config=config`, TRL) or put it on the model with
`get_peft_model`.

## Source
TRL 1.16.0 `trl/trainer/sft_trainer.py` (`peft_config`: None trains the model as it is).
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import get_call_span, is_trainer, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC153"
NAME = "config-not-used"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every config whose variable is not read; the first setting speaks."""
    document = context.document
    script = read_calls(document, "LoraConfig", "Trainer", ".train(") if context.first else None
    if script is None or document.problems:
        return
    trainer = next((use for use in script.uses if is_trainer(use)), None)
    constructor_calls = script.by_name.get("LoraConfig", ())
    idle = [
        use
        for use in constructor_calls
        if use.variables and not script.names_read & set(use.variables)
    ]
    if trainer is None or len(idle) < len(constructor_calls):
        return  # one of several is used: the others are kept for another day
    for use in idle:
        yield Hit(
            f"nothing takes `{(use.variables or ('',))[0]}`: the model is trained without LoRA",
            get_call_span(document, use),
            help="give it to the trainer (peft_config=, TRL), or call get_peft_model",
            spans=((get_call_span(document, trainer), "this trainer gets no config"),),
        )
