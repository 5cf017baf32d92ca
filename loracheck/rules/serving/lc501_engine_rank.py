"""The rank is above what the serving engine takes.

## What
`r`, or a value of `rank_pattern`, is higher than the engine's limit: an error where no option of
the server reaches it, a warning where the server has to be started with an option. Runs with
`--serve` only. The option `max-rank` of this rule says what your server is started with.

## Why
The limit shows when the adapter is loaded, after the training. vLLM takes rank 16 unless it is
started with `--max-lora-rank`, and that option knows fixed values only. Seen in
https://github.com/modelscope/ms-swift/issues/4221,
https://github.com/EleutherAI/lm-evaluation-harness/issues/2988 and
https://github.com/vllm-project/vllm/issues/2847.

## Bad
With `--serve vllm==0.11`:
```json
{"peft_type": "LORA", "r": 1024, "lora_alpha": 1024,
 "target_modules": ["q_proj", "v_proj"]}
```
```json
{"peft_type": "LORA", "r": 64, "lora_alpha": 128,
 "target_modules": ["q_proj", "v_proj"]}
```

## Good
With `--serve vllm==0.11`:
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Start the server with the option that the finding names and set
`[tool.loracheck.rules.LC501] max-rank = ...` to the same number, or train with a lower rank.

## Source
vLLM 0.4.3 to 0.33.0 `vllm/config/lora.py` (LoRAConfig), TensorRT-LLM
`tensorrt_llm/lora_manager.py` (LoraConfig).
"""

from __future__ import annotations

from loracheck.rules.support.engine_hits import find_serve_hits
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit

CODE = "LC501"
NAME = "engine-rank"
SEVERITY = "warning"
OPTIONS = {"max-rank": "Rank that the server is started with (vLLM: --max-lora-rank)."}


def check(context: RuleContext) -> Iterator[Hit]:
    """At most one hit for each engine."""
    yield from find_serve_hits(context, ("rank",))
