"""Weights that are empty or have one half only.

## What
The file holds no tensors at all, tensors without elements or with one dimension, or a lora_A
without its lora_B.

## Why
Saving under DeepSpeed ZeRO-3 or FSDP without gathering the shards first writes files of the right
name and no content; nothing fails before the adapter is loaded. Seen in
https://github.com/huggingface/peft/issues/2892 and https://github.com/huggingface/peft/issues/1443.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [8, 896]
```

```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [0]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight F32 [0]
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
Save again with the shards gathered: `stage3_gather_16bit_weights_on_model_save` for ZeRO-3, a full
state dict for FSDP.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (the warning of invalid shapes names both causes).
"""

from __future__ import annotations

from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.trees.safetensors import Tensor

CODE = "LC605"
NAME = "weights-incomplete"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the file, naming the first module concerned."""
    weights = context.weights
    if weights is None or weights.fault is not None:
        return
    if not weights.size:
        yield _build_hit(context, f"{weights.file} holds no tensors", ())
        return
    empty = [
        name for name, layer in weights.layers.items() if _is_empty(layer.a) or _is_empty(layer.b)
    ]
    half = [
        name for name, layer in weights.layers.items() if (layer.a is None) != (layer.b is None)
    ]
    if empty:
        count = count_noun(len(empty), "module")
        yield _build_hit(context, f"the weights of {count} are empty", (f"first `{empty[0]}`",))
    if half:
        count = count_noun(len(half), "module")
        yield _build_hit(
            context, f"{count} with one of the two matrices only", (f"first `{half[0]}`",)
        )


def _is_empty(tensor: Tensor | None) -> bool:
    return tensor is not None and (len(tensor.shape) < 2 or 0 in tensor.shape)


def _build_hit(context: RuleContext, message: str, notes: tuple[str, ...]) -> Hit:
    return Hit(
        message, context.setting.path, help="save the adapter anew, shards gathered", notes=notes
    )
