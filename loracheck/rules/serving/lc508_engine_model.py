"""The serving engine takes no LoRA for this model.

## What
The release's own class of the model has no LoRA support at all. Runs with `--serve` only; of models
that the engine's sources do not name nothing is said.

## Why
The server refuses to start with LoRA switched on, whatever the adapter looks like. Seen in
https://github.com/vllm-project/vllm/issues/3044 and
https://github.com/vllm-project/vllm/issues/11431.

## Bad
With `--serve vllm`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "openai-community/gpt2", "r": 8,
 "fan_in_fan_out": true, "target_modules": ["c_attn"]}
```

## Good
With `--serve vllm`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "lora_alpha": 16,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Merge the adapter into the model and serve that, or use an engine or release that takes it.

## Source
vLLM 0.4.3 to 0.33.0, `vllm/model_executor/models/registry.py` and the bases of the classes
that it names.
"""

from __future__ import annotations

from loracheck.rules.support.engine_hits import find_serve_hits
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit

CODE = "LC508"
NAME = "engine-model"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """At most one hit for each engine."""
    yield from find_serve_hits(context, ("model",))
