"""A rank above what the engine takes that the same script starts.

## What
Unsloth's `from_pretrained(..., fast_inference=True)` starts vLLM with `max_lora_rank` (64 if it is
left out), and `get_peft_model` asks for a higher `r`.

## Why
vLLM holds room for that rank and refuses the adapter at the first `fast_generate`, in a GRPO run
after the model was loaded and the first batch made. Seen in unslothai/unsloth issue 2097.

## Bad
```python
from unsloth import FastLanguageModel
model, tokenizer = FastLanguageModel.from_pretrained(
    "Qwen/Qwen2.5-7B-Instruct", load_in_4bit=True, fast_inference=True, max_lora_rank=16)
model = FastLanguageModel.get_peft_model(model, r=32, lora_alpha=32)
```

## Good
```python
from unsloth import FastLanguageModel
model, tokenizer = FastLanguageModel.from_pretrained(
    "Qwen/Qwen2.5-7B-Instruct", load_in_4bit=True, fast_inference=True, max_lora_rank=32)
model = FastLanguageModel.get_peft_model(model, r=32, lora_alpha=32)
```

## Fix
Give `max_lora_rank` the value of `r`.

## Source
Unsloth `unsloth/models/loader.py` (max_lora_rank); vLLM `vllm/lora/peft_helper.py`
(`validate_legal`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC713"
NAME = "rank-above-served"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the rank."""
    rank, limit = context.value("r"), context.setting.behaviour.served_rank
    if limit is not None and type(rank) is int and rank > limit:
        yield Hit(
            f"fast_inference starts vLLM with max_lora_rank {limit}, and an adapter of rank {rank} "
            "is refused",
            context.place("r"),
            help=f"set max_lora_rank={rank} in from_pretrained",
            field="r",
        )
