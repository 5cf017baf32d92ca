"""`load_in_4bit` or `load_in_8bit` as an argument of `from_pretrained` under transformers 5.

## What
A model class of transformers 5 that is given `load_in_4bit=True` or `load_in_8bit=True` itself.

## Why
transformers 5 has taken these arguments out. They go on to the model's constructor, which stops
with TypeError, "unexpected keyword argument 'load_in_4bit'". Scripts for QLoRA of 2023 and 2024
have them. It is a warning where transformers 5 is only installed beside loracheck, or allowed by
the project.

## Bad
With `--transformers 5.24.0`:
```python
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", load_in_4bit=True)
model = prepare_model_for_kbit_training(model)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Good
```python
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits)
model = prepare_model_for_kbit_training(model)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Fix
Write `quantization_config=BitsAndBytesConfig(load_in_4bit=True)`, which transformers 4 takes too.

## Source
transformers 5.24.0 `modeling_utils.py` (`from_pretrained` has no such argument; 4.57.6 made a
BitsAndBytesConfig of it). Executed with transformers 5.24.0, by a class and by its Auto class.
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import get_call_span, is_model_load, read_calls
from loracheck.rules.support.script_releases import is_projects_release
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC188"
NAME = "bits-as-argument"
SEVERITY = "error"

_KEYS = ("load_in_4bit", "load_in_8bit")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such load; the first setting of the file speaks."""
    script = read_calls(context.document, "load_in_", "from_pretrained")
    releases = context.releases if script is not None and context.first else None
    if script is None or releases is None or not releases.transformers.certain:
        return
    if not releases.transformers.version.startswith("5."):
        return
    certain = is_projects_release(context.document, releases.transformers, "5.0.0")
    for use in script.uses:
        key = next((key for key in _KEYS if key in use.arguments), None)
        if (
            key is None
            or not is_model_load(use)
            or use.fails
            or use.arguments[key].value is not True
        ):
            continue
        yield Hit(
            f"transformers {releases.transformers.version} has no argument `{key}` of "
            "from_pretrained: TypeError",
            get_call_span(context.document, use),
            help=f"write quantization_config=BitsAndBytesConfig({key}=True)",
            notes=(f"transformers is {releases.transformers.reason}",),
            severity=None if certain else "warning",
        )
