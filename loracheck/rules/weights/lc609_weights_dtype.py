"""LoRA matrices of a type that is not made for weights.

## What
lora_A or lora_B as integers or in 8 bits and less.

## Why
Integers are quantised values whose scale is kept elsewhere; PEFT copies them as they are, and the
adapter computes nonsense. On 8-bit floats servers stop, because their kernels do not multiply them.
Seen in https://github.com/NVIDIA/TensorRT-LLM/pull/12848.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight I8 [8, 896]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight I8 [896, 8]
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
Save the adapter in bfloat16, float16 or float32.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`set_peft_model_state_dict`: values are copied into float
parameters), executed.
"""

from __future__ import annotations

from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC609"
NAME = "weights-dtype"
SEVERITY = "warning"
FLOATS = frozenset({"F64", "F32", "F16", "BF16"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the file, naming the types of integers or of 8 bits and less."""
    weights = context.weights
    if weights is None:
        return
    halves = [half for layer in weights.layers.values() for half in (layer.a, layer.b)]
    types = dict.fromkeys(h.dtype for h in halves if h is not None and h.dtype not in FLOATS)
    if types:
        yield Hit(
            f"LoRA weights of type {quote_names(list(types))}",
            context.setting.path,
            help="save them in bfloat16, float16 or float32",
        )
