"""A model in 4 or 8 bits that is converted to another type.

## What
`half()`, `float()` or `to(torch.float16)` of a model that bitsandbytes has quantised as it was
loaded, before PEFT has wrapped it.

## Why
transformers refuses it: ValueError, "`.half()` is not supported for quantized model", "You cannot
cast a bitsandbytes model in a new `dtype`". What is not quantised has the type that
`from_pretrained` was asked for.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits).half()
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Good
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained(
    "Qwen/Qwen2.5-7B", quantization_config=bits, dtype=torch.float16
)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Fix
Take the call out, and give `from_pretrained` the type.

## Source
transformers 5.24.0 `modeling_utils.py:3731` (PreTrainedModel.to, half, float); refused in 4.25.1,
4.30.2, 4.31.0, 4.38.2 and 4.45.2 as well.
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_bits_option,
    get_call_span,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC125"
NAME = "quantized-model-cast"
SEVERITY = "error"

_TYPES = frozenset(
    f"torch.{name}" for name in ("float16", "half", "bfloat16", "float32", "float", "float64")
)


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every quantised model of a file that is converted."""
    script = read_calls(document, "from_pretrained", "load_in_")
    for method in ("half", "float", "to") if script is not None else ():
        for use in script.by_name.get(method, ()) if script is not None else ():
            if script is None or use.fails or not _converts(use):
                continue
            load = find_bare_load(script, use.owner)
            option = find_bits_option(script, load) if load is not None else None
            if load is not None and option is not None:
                yield Hit(
                    f"a model that is loaded with {option} cannot be converted to another type: "
                    "ValueError",
                    get_call_span(document, use),
                    help=f"take {method} out; from_pretrained(..., dtype=...) gives the type of "
                    "what is not quantised",
                    spans=((get_call_span(document, load), "the model is loaded here"),),
                )


def _converts(use: Use) -> bool:
    """Whether a call asks for another type: `to` may ask for a device alone."""
    if use.last != "to":
        return not use.arguments
    return any(one.path in _TYPES for one in use.arguments.values())
