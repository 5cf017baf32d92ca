"""LoRA on a vision or audio part that the serving engine leaves out.

## What
`target_modules` reaches layers of a tower or a projector, and the engine adapts the language model
only. Runs with `--serve` only.

## Why
The adapter is loaded and half of it does nothing, or loading fails on names of the tower. Seen in
https://github.com/vllm-project/vllm/issues/41702 and
https://github.com/modelscope/ms-swift/issues/4974.

## Bad
With `--serve vllm==0.11`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-VL-7B-Instruct", "r": 16,
 "target_modules": ["q_proj", "v_proj", "qkv"]}
```

## Good
With `--serve vllm==0.11`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-VL-7B-Instruct", "r": 16,
 "target_modules": ".*language_model.*(q_proj|v_proj)"}
```

## Fix
Keep the tower out with `exclude_modules` or an expression for the language model, or merge.

## Source
vLLM `vllm/lora/models.py` (_filter_unsupported_mm_module), since 0.14 `vllm/config/lora.py`
(enable_tower_connector_lora).
"""

from __future__ import annotations

from loracheck.rules.support.engine_hits import find_serve_hits
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit

CODE = "LC507"
NAME = "engine-tower"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """At most one hit for each engine, or one for each layer that it does not know."""
    yield from find_serve_hits(context, ("tower", "tower-layers", "tower-module"))
