"""LoRA on a mixture's experts, which the serving engine does not adapt.

## What
`target_modules` or `target_parameters` reaches experts, and the engine has no LoRA for them in this
release. Runs with `--serve` only.

## Why
Experts are served by fused kernels, for which LoRA came late and release by release. Seen in
https://github.com/vllm-project/vllm/issues/18120 and
https://github.com/vllm-project/vllm/issues/40005.

## Bad
With `--serve vllm==0.11.0`:
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32, "target_modules": ["q_proj", "v_proj"],
 "target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]}
```

## Good
With `--serve vllm==0.12`:
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32, "target_modules": ["q_proj", "v_proj"],
 "target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]}
```

## Fix
Adapt attention alone, use a release that serves expert LoRA, or merge the adapter.

## Source
vLLM `vllm/lora/models.py` (check_unexpected_modules), 0.11.0 against 0.11.1; SGLang
`python/sglang/srt/lora/layers.py`, 0.5.9 against 0.5.10; each finding names its own.
"""

from __future__ import annotations

from loracheck.rules.support.engine_hits import find_serve_hits
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit

CODE = "LC506"
NAME = "engine-experts"
SEVERITY = "error"
EXPERTS = (
    *("experts", "some-experts", "parameters", "one-parameter"),
    *("old-sides", "new-sides"),
)


def check(context: RuleContext) -> Iterator[Hit]:
    """A hit for each engine."""
    yield from find_serve_hits(context, EXPERTS)
