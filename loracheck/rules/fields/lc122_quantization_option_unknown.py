"""An option of BitsAndBytesConfig that there is not.

## What
`BitsAndBytesConfig(...)` of transformers or diffusers is given a keyword that none of its options
is called.

## Why
The class takes any keyword and passes over those that it does not know; transformers says so at a
level of the log that is not shown. With `bnb_4bit_compute_type` the model computes in float32, with
`bnb_4bit_quant_types="nf4"` it is quantised as fp4.

## Bad
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_type=torch.bfloat16)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Good
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Fix
Write the option's name as the class has it, or take it out.

## Source
transformers 5.24.0 `utils/quantization_config.py:490` (BitsAndBytesConfig.__init__, "Unused
kwargs"), diffusers 0.42.1 `quantizers/quantization_config.py`.
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC122"
NAME = "quantization-option-unknown"
SEVERITY = "warning"

_OPTIONS = (
    *("load_in_8bit", "load_in_4bit", "llm_int8_threshold", "llm_int8_skip_modules"),
    *("llm_int8_enable_fp32_cpu_offload", "llm_int8_has_fp16_weight", "bnb_4bit_compute_dtype"),
    *("bnb_4bit_quant_type", "bnb_4bit_use_double_quant", "bnb_4bit_quant_storage"),
)
_SAVED = ("quant_method", "_load_in_8bit", "_load_in_4bit")
"""Entries of a saved config beside the options; the class knows them, or sets them itself."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every call of a file with an option that there is not."""
    script = read_calls(document, "BitsAndBytesConfig(")
    for use in script.by_name.get("BitsAndBytesConfig", ()) if script is not None else ():
        if use.name.partition(".")[0] not in ("transformers", "diffusers") or use.fails:
            continue
        named = (key for key in use.arguments if isinstance(key, str))
        for name in (key for key in named if key not in (*_OPTIONS, *_SAVED)):
            yield Hit(
                f"`BitsAndBytesConfig` has no option `{name}` and passes over it",
                get_call_span(document, use),
                help=_build_help(name),
            )


def _build_help(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, _OPTIONS, 1, 0.75)
    return f"write {near[0]}" if near else f"take {name} out"
