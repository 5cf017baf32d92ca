"""Weights of a feature that the config has switched off.

## What
The file holds biases of lora_B and the config has no `lora_bias`, magnitudes of DoRA and no
`use_dora`, or trained token rows and no `trainable_token_indices`.

## Why
PEFT makes the layers by the config and loads what fits them: the rest is dropped without an error
or a warning, and the adapter answers otherwise than it was trained or extracted.
`mergekit-extract-lora` writes such a file for every model whose layers have biases (Qwen2): it
extracts these into lora_B, and its config does not say so. Else the config was edited by hand, or
belongs to another adapter.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [8, 896]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight F32 [896, 8]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.bias F32 [896]
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8, "lora_bias": true,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [8, 896]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight F32 [896, 8]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.bias F32 [896]
```

## Fix
Give the config the field: `"lora_bias": true`, `"use_dora": true`, or the indices of the tokens.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`set_peft_model_state_dict`: load_state_dict with
strict=False), executed; mergekit a6e40288 `mergekit/scripts/extract_lora.py` (`plan_lora_module`,
`make_config_dict`).
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC621"
NAME = "weights-not-asked-for"
SEVERITY = "warning"

_PARTS = {
    ".lora_B.bias": ("lora_bias", "bias", "of lora_B", 'write "lora_bias": true'),
    ".lora_magnitude_vector": ("use_dora", "magnitude", "of DoRA", 'write "use_dora": true'),
    ".token_adapter.": (
        "trainable_token_indices",
        "tensor",
        "of trained token rows",
        "write the indices of the tokens as trainable_token_indices",
    ),
}
"""Part of a tensor's name -> the field that it belongs to, what it is, and what to write."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each feature."""
    weights = context.weights
    if weights is None or weights.fault is not None:
        return
    for part, (field, noun, rest, help_text) in _PARTS.items():
        names = [name for name in weights.others if part in name]
        value = context.value(field)
        if names and not value and not isinstance(value, Unknown):
            yield Hit(
                f"the weights hold {count_noun(len(names), noun)} {rest}, and the config has no "
                f"`{field}`: PEFT drops them without a word",
                context.place(field),
                help=help_text,
                field=field,
                notes=(f"first `{names[0]}`",),
            )
