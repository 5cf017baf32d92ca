"""The weights do not fit the base model's layers.

## What
Inputs or outputs of the matrices are others than those of the layer that they belong to.

## Why
An adapter of the 7B model on the 13B one, or a `base_model_name_or_path` that was edited: PEFT
fails with size mismatches, a server that does not check answers nonsense. Seen in
https://github.com/YuanGongND/ltu/issues/26,
https://github.com/huggingface/autotrain-advanced/issues/487 and
https://github.com/vllm-project/vllm/issues/12106.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [8, 3584]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight F32 [3584, 8]
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
Name the model that the adapter was trained on.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`set_peft_model_state_dict`), executed.
"""

from __future__ import annotations

from loracheck.rules.support import adapter_weights
from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.expected_weights import (
    collect_modules_to_adapt,
    get_layer_dimensions,
    has_plain_shapes,
)
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC606"
NAME = "weights-of-another-model"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for all layers of other dimensions; LC607 reports embeddings of another length."""
    weights = context.weights
    plan_and_tree = find_accepted_plan(context)
    if weights is None or plan_and_tree is None or not has_plain_shapes(context):
        return
    plan, tree = plan_and_tree
    ends = (tree.input_embeddings, tree.output_embeddings)
    wrong: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {}
    for name, (_, node) in collect_modules_to_adapt(plan).items():
        layer, sides = weights.layers.get(name), get_layer_dimensions(node)
        if layer is None or sides is None or name in ends:
            continue
        stem = _read_dimensions(layer)
        if stem is not None and stem != sides:
            wrong[name] = stem, sides
    if wrong:
        name, (have, there) = next(iter(wrong.items()))
        yield Hit(
            f"the weights do not fit {context.setting.model or tree.cls}: `{name}` has "
            f"{there[0]:,} inputs and {there[1]:,} outputs, in the weights {have[0]:,} and "
            f"{have[1]:,}",
            context.setting.model_place or context.setting.path,
            help="name the model that the adapter was trained on",
            field="base_model_name_or_path",
            notes=(
                f"{len(wrong):,} of {count_noun(len(weights.layers), 'module')} with other sides",
            ),
        )


def _read_dimensions(layer: adapter_weights.LoraMatrices) -> tuple[int, int] | None:
    """Inputs and outputs by the shapes of the two matrices; None where one is missing or no
    matrix.
    """
    if layer.a is None or layer.b is None or len(layer.a.shape) != 2 or len(layer.b.shape) != 2:
        return None
    return layer.a.shape[1], layer.b.shape[0]
