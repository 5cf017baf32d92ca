"""An initialisation that needs a call of its own to take effect.

## What
`init_lora_weights` is `eva` or `lora_ga`. Both are computed from data by a function that the
training code has to call; the config alone does not do it.

## Why
Without the call PEFT starts plain LoRA with B=0 and says nothing about it: the run works, but the
method that the file names was never used. Python files that make the call are not reported. Why it
cannot happen in the config is told in huggingface/peft pull request 2142.

## Bad
```python
from peft import LoraConfig, get_peft_model
config = LoraConfig(r=16, init_lora_weights="eva", target_modules=["q_proj"])
model = get_peft_model(base, config)
```

## Good
```python
from peft import LoraConfig, get_peft_model, initialize_lora_eva_weights
config = LoraConfig(r=16, init_lora_weights="eva", eva_config={"rho": 2.0},
                    target_modules=["q_proj"])
model = get_peft_model(base, config, low_cpu_mem_usage=True)
initialize_lora_eva_weights(model, loader)
```

## Fix
Call the function after `get_peft_model` (`initialize_lora_eva_weights`) or before it
(`preprocess_loraga`), or take the field out.

## Source
PEFT 0.21.2 `tuners/lora/layer.py` (`reset_lora_parameters`), `tuners/lora/eva.py`,
`tuners/lora/loraga.py`, executed.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC108"
NAME = "init-needs-preparation"
SEVERITY = "note"
CALLS = {
    "eva": ("initialize_lora_eva_weights", "after get_peft_model"),
    "lora_ga": ("preprocess_loraga", "before get_peft_model"),
}


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a training config whose file does not make the call."""
    init = context.value("init_lora_weights")
    # A tool that reads the file may make the call itself.
    own_code = context.setting.form in ("python", "mapping")
    if not own_code or not isinstance(init, str) or init not in CALLS:
        return
    call, when = CALLS[init]
    if call not in context.document.source:
        yield Hit(
            f"`init_lora_weights: {init}` alone is ordinary LoRA: the weights come from `{call}`",
            context.place("init_lora_weights"),
            help=f"call peft.tuners.lora.{call} {when}"
            if init == "lora_ga"
            else f"call peft.{call} {when}",
            field="init_lora_weights",
        )
