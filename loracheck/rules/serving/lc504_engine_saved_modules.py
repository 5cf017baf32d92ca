"""The serving engine does not take modules that are trained in full.

## What
`modules_to_save` (also those that PEFT adds for a classification task) or
`trainable_token_indices`, whole embeddings in the weights beside the config, or tokens that
added_tokens.json adds, and an engine that loads LoRA matrices only. Runs with `--serve`, or where
the file itself uses the engine.

## Why
New tokens and heads are trained this way, and it shows when the finished adapter is loaded. Seen in
https://github.com/vllm-project/vllm/issues/9280,
https://github.com/ggml-org/llama.cpp/issues/11554 and
https://github.com/hiyouga/LLaMA-Factory/issues/7997.

## Bad
With `--serve vllm==0.11 --serve llama.cpp`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 16,
 "target_modules": ["q_proj", "v_proj"],
 "modules_to_save": ["embed_tokens", "lm_head"]}
```

## Good
With `--serve vllm==0.11 --serve llama.cpp`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 16,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Leave `modules_to_save` out where no new token needs it; otherwise merge the adapter into the model
and serve that.

## Source
vLLM `vllm/lora/peft_helper.py` (PEFTHelper), llama.cpp `convert_lora_to_gguf.py` (get_tensors),
SGLang `python/sglang/srt/lora/lora.py` (_process_weight); each finding names its own.
"""

from __future__ import annotations

from loracheck.rules.support.engine_hits import find_serve_hits
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit

CODE = "LC504"
NAME = "engine-saved-modules"
SEVERITY = "error"
SAVED = (
    *("saved", "saved-norm", "saved-inner", "saved-inner-norm", "saved-block"),
    *("whole-tensor", "tokens", "added-tokens", "new-tokens", "other-rows"),
)


def check(context: RuleContext) -> Iterator[Hit]:
    """A hit for each module and engine."""
    yield from find_serve_hits(context, SAVED)
