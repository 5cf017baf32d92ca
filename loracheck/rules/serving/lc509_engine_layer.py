"""LoRA on layers that the serving engine does not adapt.

## What
`target_modules` reaches kinds of layers outside the engine's list (a router, a state-space mixer, a
convolution), only some of the layers where the engine wants all (`layers_to_transform`), one layer
of a group that the engine fuses (`q_proj` without `v_proj`), or names that the server's class of
the model does not have. Runs with `--serve`, or where the file itself uses the engine.

## Why
What is not on the list fails at loading or is left out with a line in the log. Seen in
https://github.com/vllm-project/vllm/issues/55193, where the adapter and the server had no layer in
common and the base model answered.

## Bad
With `--serve tgi`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 16, "lora_alpha": 32,
 "target_modules": ["q_proj", "v_proj"], "layers_to_transform": [0, 1, 2]}
```

## Good
With `--serve tgi`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 16, "lora_alpha": 32,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Leave these layers out, choose an engine that takes them, or merge the adapter.

## Source
text-generation-inference 3.3.7 `server/text_generation_server/adapters/lora.py` (prepare_weights),
TensorRT-LLM `tensorrt_llm/lora_manager.py`, Ollama `convert/`; each finding names its own.
"""

from __future__ import annotations

from loracheck.rules.support.engine_hits import find_serve_hits
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit

CODE = "LC509"
NAME = "engine-layer"
SEVERITY = "warning"
LAYERS = (
    *("module", "convolution", "some-layers", "part-of-group", "mla"),
    *("conv1d", "conv1d-square", "inner-names", "text-names", "lost-weights"),
)


def check(context: RuleContext) -> Iterator[Hit]:
    """A hit for each kind of layer and engine."""
    yield from find_serve_hits(context, LAYERS)
