"""LoRA on the input embedding or the output head, which the serving engine does not adapt.

## What
`target_modules` reaches `embed_tokens` or `lm_head`, and the engine takes no LoRA there for this
model. Runs with `--serve` only.

## Why
vLLM decides it for each model class and release: Llama's ends take LoRA, Qwen2's do not, and before
0.12 the base weights that PEFT saves beside LoRA on an embedding stop the loading. Seen in
https://github.com/arcee-ai/mergekit/issues/459 and
https://github.com/vllm-project/vllm-ascend/issues/2034.

## Bad
With `--serve vllm==0.11`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 16, "lora_alpha": 32,
 "target_modules": ["q_proj", "v_proj", "lm_head"]}
```

## Good
With `--serve vllm==0.11`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 16, "lora_alpha": 32,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Leave the end out of `target_modules`, use a release whose class of this model takes it, or merge.

## Source
vLLM 0.4.3 to 0.33.0, `embedding_modules` of the classes in `vllm/model_executor/models`;
each finding names its own.
"""

from __future__ import annotations

from loracheck.rules.support.engine_hits import find_serve_hits
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit

CODE = "LC505"
NAME = "engine-embeddings"
SEVERITY = "error"
ENDS = ("embedding", "head", "base-embedding", "tied-ends", "tied-head", "tied-embedding")


def check(context: RuleContext) -> Iterator[Hit]:
    """A hit for each end and engine."""
    yield from find_serve_hits(context, ENDS)
