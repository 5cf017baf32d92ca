"""The adapter was trained with another vocabulary than the base model has.

## What
The rows of an embedding or an output head in the weights are not as many as the base model's; or
the tokenizer beside the adapter has tokens above the base model's rows, and the weights hold
nothing of the embedding.

## Why
Tokens were added and the embedding resized in training. PEFT and every server refuse the adapter on
the plain base model until it is resized in the same way. New tokens whose rows the weights do not
hold were neither trained nor saved: after loading they are rows of random numbers, or an index
error. Seen in
https://github.com/unslothai/unsloth/issues/237, https://github.com/huggingface/peft/issues/334 and
https://github.com/hiyouga/LLaMA-Factory/issues/8166.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 4,
 "target_modules": ["q_proj"], "layers_to_transform": [0],
 "modules_to_save": ["lm_head"]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [4, 896]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight F32 [896, 4]
base_model.model.lm_head.weight BF16 [151938, 896]
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
Call `model.resize_token_embeddings(n)` with the weights' number of rows before the adapter is
loaded, and ship the tokenizer with it; for a server, merge the adapter and save the whole model.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`get_peft_model_state_dict`: resized embeddings are saved),
executed.
"""

from __future__ import annotations

from loracheck.rules.support import adapter_weights
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.support.tokenizer_files import list_tokenizer_ids
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC607"
NAME = "weights-vocabulary"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each embedding or head whose number of rows is not the model's."""
    weights = context.weights
    tree = context.tree
    if weights is None or weights.fault or tree is None or tree.partial:
        return
    yield from _check_tokens(context, weights, tree)
    for name in (tree.input_embeddings, tree.output_embeddings):
        node = tree.find(name) if name else None
        weight = node.parameter("weight") if node is not None else None
        have = _count_rows_in_weights(weights, name or "")
        if weight is None or have is None or have == weight.shape[0]:
            continue
        yield Hit(
            f"`{name}` has {have:,} rows in the weights and {weight.shape[0]:,} in the model",
            context.place(
                "modules_to_save" if context.is_set("modules_to_save") else "target_modules"
            ),
            help=f"model.resize_token_embeddings({have}) before the adapter is loaded",
            field="modules_to_save",
            notes=("the vocabulary was resized in training, or the base model is another",),
        )


def _check_tokens(
    context: RuleContext, weights: adapter_weights.AdapterWeights, tree: ModuleTree
) -> Iterator[Hit]:
    """One hit for tokens of the tokenizer that neither the model nor the weights have a row for."""
    name = tree.input_embeddings
    node = tree.find(name) if name else None
    weight = node.parameter("weight") if node is not None else None
    if weight is None or not weights.layers or name in weights.layers:
        return
    if any(key.startswith(f"{name}.") or "token_adapter" in key for key in weights.others):
        return
    file, ids = list_tokenizer_ids(context)
    new = [one for one in ids if one >= weight.shape[0]]
    if new:
        yield Hit(
            f"{file} has {count_noun(len(new), 'token')} above the model's {weight.shape[0]:,} "
            f"rows (ids {min(new):,} to {max(new):,}), and the weights hold no row for them",
            context.setting.model_place or context.setting.path,
            help="train the rows (trainable_token_indices, or modules_to_save with both "
            "embeddings) and save the adapter anew; or ship the tokenizer of the base model",
            field="modules_to_save",
            notes=(
                "save_pretrained keeps a resized embedding by itself where it can read the "
                "base model's config; save_embedding_layers=True keeps it always",
            ),
        )


def _count_rows_in_weights(weights: adapter_weights.AdapterWeights, name: str) -> int | None:
    """Rows of the embedding or head in the file: trained in full, saved beside LoRA, or of LoRA's
    own matrix.
    """
    for key in (f"{name}.weight", f"{name}.base_layer.weight"):
        if key in weights.others:
            return weights.others[key].shape[0] if weights.others[key].shape else None
    layer = weights.layers.get(name)
    side = (layer.a if layer.embedding else layer.b) if layer is not None else None
    if layer is None or side is None or len(side.shape) != 2:
        return None
    return side.shape[1 if layer.embedding else 0]
