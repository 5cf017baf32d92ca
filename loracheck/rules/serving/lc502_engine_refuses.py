"""The serving engine refuses what the config asks for.

## What
A feature of PEFT that the engine, or the converter to its format, does not load: DoRA, trained
biases, aLoRA, QA-LoRA, an initialisation that changes the base weights, and more, by engine and
release. Runs with `--serve` only.

## Why
The adapter trains, is saved, works in PEFT, and cannot be served. Seen in
https://github.com/vllm-project/vllm/issues/10849 and
https://github.com/ggml-org/llama.cpp/issues/10551.

## Bad
With `--serve vllm==0.11`:
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32, "use_dora": true,
 "target_modules": ["q_proj", "v_proj"]}
```

With `--serve llama.cpp`:
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32, "bias": "lora_only",
 "target_modules": ["q_proj", "v_proj"]}
```

## Good
With `--serve vllm==0.11 --serve llama.cpp`:
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Train without it, choose another engine or release, or merge the adapter into the model
(`merge_and_unload`) and serve that.

## Source
vLLM `vllm/lora/peft_helper.py`, SGLang `python/sglang/srt/lora/lora_manager.py`, llama.cpp
`convert_lora_to_gguf.py`; each finding names its own.
"""

from __future__ import annotations

from loracheck.rules.support.engine_hits import find_serve_hits
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit

CODE = "LC502"
NAME = "engine-refuses"
SEVERITY = "error"
FEATURES = (
    *("peft", "mlx", "named-weights", "dora", "rslora", "bias", "lora-bias", "init", "alora"),
    *("replication", "bdlora", "qalora", "regex", "rank-pattern", "float-alpha"),
    *("scaling", "alpha-pattern", "written-fields", "refused-config", "base-unmergeable"),
    *("base-to-unpack", "pickled", "sharded"),
)


def check(context: RuleContext) -> Iterator[Hit]:
    """A hit for each feature and engine."""
    yield from find_serve_hits(context, FEATURES, ("refused", "limited"))
