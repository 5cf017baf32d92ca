"""The weights beside the config are no safetensors file, or a damaged one.

## What
`adapter_model.safetensors` is empty, cut off, a git-lfs pointer, a page saved under the name, or
its header contradicts itself. Only the header is read.

## Why
A clone without git-lfs leaves pointers of some hundred bytes, a full disk or a broken download half
a file; loading fails with a message about a header. Seen in
https://github.com/microsoft/OmniParser/issues/34 and
https://github.com/huggingface/transformers/issues/27923.

## Bad
A download that broke off:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [8, 896] cut off
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [8, 896]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight F32 [896, 8]
```

## Fix
Fetch the file again: `git lfs pull`, or `hf download`.

## Source
huggingface/safetensors README, "Format"; `safetensors/src/tensor.rs` (Metadata::validate).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC601"
NAME = "weights-unreadable"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a file that cannot be read."""
    weights = context.weights
    if weights is None or weights.fault is None:
        return
    yield Hit(
        f"{weights.file} {weights.fault}",
        context.setting.path,
        help="fetch the weights with: git lfs pull"
        if weights.pointer
        else "save or download the file again",
    )
