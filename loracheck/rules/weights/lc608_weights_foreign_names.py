"""The weights are not named as PEFT names them.

## What
Tensors whose names do not begin with `base_model.model.`: weights of mlx-lm, of kohya's scripts, of
diffusers, or a state dict that was saved by hand. Names that still have the adapter's name in them
(`lora_A.default.weight`) are a note.

## Why
PEFT looks tensors up by name and passes over the others: the adapter is loaded and does nothing.
Converters and servers stop at them, and at an adapter's name too, which PEFT itself takes. Seen in
https://github.com/ggml-org/llama.cpp/issues/10551,
https://github.com/huggingface/diffusers/issues/12159 and
https://github.com/huggingface/peft/issues/2699.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
model.layers.0.self_attn.q_proj.lora_a F32 [896, 8]
model.layers.0.self_attn.q_proj.lora_b F32 [8, 896]
```

```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight F32 [8, 896]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.default.weight F32 [896, 8]
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
Save with `model.save_pretrained`, or convert the names with the tool's own export.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`set_peft_model_state_dict`), `peft_model.py`, executed.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC608"
NAME = "weights-foreign-names"
SEVERITY = "error"
ORIGINS = (
    (".lora_a", "these are mlx-lm's names"),
    ("lora_unet_", "these are the names of kohya's scripts"),
    ("lora_te", "these are the names of kohya's scripts"),
    ("transformer.", "these are diffusers' names"),
    ("unet.", "these are diffusers' names"),
)


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the file, one more for names with an adapter's name in them."""
    weights = context.weights
    if weights is not None and weights.with_adapter_name:
        yield Hit(
            f"{len(weights.with_adapter_name):,} of {weights.size:,} tensors have an adapter's "
            "name in theirs",
            context.setting.path,
            help="save the adapter with save_pretrained; servers and converters stop at these",
            notes=(f"first `{weights.with_adapter_name[0]}`",),
            severity="note",
        )
    if weights is None or not weights.foreign:
        return
    name = weights.foreign[0]
    origin = next((words for mark, words in ORIGINS if mark in name), None)
    yield Hit(
        f"{len(weights.foreign):,} of {weights.size:,} tensors are not named as PEFT names them",
        context.setting.path,
        help="save the adapter with save_pretrained, or convert the names",
        notes=tuple(n for n in (f"first `{name}`", origin) if n),
    )
