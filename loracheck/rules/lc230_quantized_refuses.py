"""A field that PEFT refuses on the quantised layers of this checkpoint.

## What
DoRA, a LoRA bias or VeLoRA, switched on for a checkpoint whose quantisation method PEFT has a
special layer for that does not support it.

## Why
PEFT raises ValueError in the middle of the wrapping, after the quantised model was loaded. The
module tree looks the same as the plain model's; only the classes differ. DoRA on 4 bits was refused
until PEFT 0.10 (huggingface/peft issue 1991).

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", load_in_4bit=True)
config = LoraConfig(r=16, lora_alpha=16, target_modules=["q_proj", "v_proj"],
                    velora_config={"num_groups": 64})
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", load_in_4bit=True)
config = LoraConfig(r=16, lora_alpha=16, target_modules=["q_proj", "v_proj"], use_dora=True)
```

## Fix
Take the field out, or load the model without that quantisation.

## Source
PEFT 0.21.2 `tuners/lora/bnb.py`, `tuners/lora/gptq.py`, `tuners/lora/awq.py`,
`tuners/lora/aqlm.py`, `tuners/lora/eetq.py`, `tuners/lora/hqq.py`, `tuners/lora/torchao.py` (read,
not run: they need a GPU).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.trees import quantization

from .base import Case, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "LC230"
NAME = "quantized-refuses"
SEVERITY = "error"
SPELLED = {"4bit": "bitsandbytes-4bit", "8bit": "bitsandbytes-8bit"}
"""How a Setting names what the loading code asks for -> the method's name in config.json."""


def check(case: Case) -> Iterator[Hit]:
    """One hit for every switched-on field that the method's layers refuse."""
    own = quantization.method(case.tree) if case.tree is not None else None
    asked = case.setting.quantization
    name = SPELLED.get(asked, asked) if asked else own
    known = quantization.known(name) if name else None
    for field in known.refuses if known else ():
        value = case.value(field)
        if case.given(field) and value not in (None, False):
            yield Hit(
                f"PEFT refuses `{field}` on {name} layers",
                case.place(field),
                help="leave it out, or load the model without that quantisation",
                field=field,
                notes=(quantization.describe(str(name)),),
            )
