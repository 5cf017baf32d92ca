"""The weights beside the config are a pickle.

## What
There is `adapter_model.bin` and no `adapter_model.safetensors`. The pickle is never opened.

## Why
Unpickling runs whatever code the file holds. torch loads weights only since 2.6, older releases run
it; text-generation-inference takes no pickles at all. Seen in
https://github.com/huggingface/peft/issues/546.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
adapter_model.bin
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
Load the adapter where it was trained and save it again: `save_pretrained` writes safetensors since
PEFT 0.6.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`load_peft_weights`), text-generation-inference 3.3.7
`server/text_generation_server/utils/adapter.py` (load_module_map).
"""

from __future__ import annotations

from loracheck.rules.support.adapter_weights import PICKLE_NAME
from loracheck.rules.support.pickled_weights import has_only_pickle
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC602"
NAME = "weights-pickled"
SEVERITY = "note"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the pickle stands alone."""
    if has_only_pickle(context):
        yield Hit(
            f"the weights are {PICKLE_NAME}, a pickle: loading one can run any code",
            context.setting.path,
            help="save the adapter anew as safetensors",
            notes=("it was not opened",),
        )
