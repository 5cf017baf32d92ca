"""The serving engine loads the adapter and computes something else than PEFT.

## What
A field that changes what the adapter does and that the engine does not read: `use_rslora`,
`alpha_pattern`, `rank_pattern`, an initialisation that changed the base weights, trained biases.
Runs with `--serve` only.

## Why
Nothing fails. The adapter is scaled wrongly, often many times too weak: for rsLoRA by the square
root of the rank. Seen in https://github.com/sgl-project/sglang/issues/40835,
https://github.com/NVIDIA/TensorRT-LLM/issues/1668 and
https://github.com/vllm-project/vllm/issues/55545.

## Bad
With `--serve sglang`:
```json
{"peft_type": "LORA", "r": 64, "lora_alpha": 16, "use_rslora": true,
 "target_modules": ["q_proj", "v_proj"]}
```

With `--serve vllm==0.11`:
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32,
 "alpha_pattern": {"v_proj": 64},
 "target_modules": ["q_proj", "v_proj"]}
```

## Good
With `--serve vllm==0.11`:
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 16, "use_rslora": true,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Train without the field, or use a release that reads it. For rsLoRA the scaling can be had without
it: lora_alpha times the square root of r gives the same numbers.

## Source
SGLang 0.5.23 `python/sglang/srt/lora/lora.py` (LoRAAdapter.scaling), vLLM
`vllm/lora/peft_helper.py`, llama.cpp `src/llama-adapter.h` (get_scale), text-generation-inference
3.3.7 `adapters/lora.py`; each finding names its own.
"""

from __future__ import annotations

from loracheck.rules.support.engine_hits import find_serve_hits
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit

CODE = "LC503"
NAME = "engine-reads-otherwise"
SEVERITY = "warning"
FEATURES = (
    *(
        "dora",
        "rslora",
        "rslora-experts",
        "init",
        "alora",
        "alpha-pattern",
        "rank-pattern",
        "padded-rank",
        "scaling",
        "replication",
        "bias",
        "lora-bias",
        "used-fields",
        "named-weights",
        "base-rounded",
        "rotary",
        "chat-template",
        "tokenizer-tokens",
    ),
)


def check(context: RuleContext) -> Iterator[Hit]:
    """A hit for each feature and engine."""
    yield from find_serve_hits(context, FEATURES, ("wrong", "ignored"))
